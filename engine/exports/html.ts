/**
 * A trained model as one HTML file that runs it offline: the core, the weights and a small program with the interface
 * for its task (renderer/player) are in it, and its content security policy lets it load nothing else.
 */
import type { JsonValue } from '../json.ts';
import { writeSafetensors } from '../formats/safetensors.ts';
import { describeArchitecture, parameterCount, type Card, type CardFacts } from './card.ts';
import { toBase64 } from './base64.ts';
import type { AnyTrainedModel } from './trained-model.ts';

/** What the file is put together from, beside the model. */
export interface PlayerParts {
  /** The program, one classic script. */
  readonly script: string;
  readonly style: string;
  /** Licenses of the software that the file contains, as text. */
  readonly licenses: string;
  /** The core's builds for one thread. */
  readonly cores: { readonly relaxed: Uint8Array; readonly baseline: Uint8Array };
}

/** What the program is told of the model: JSON in the file, beside its weights. */
export interface PlayerData {
  readonly title: string;
  readonly experiment: JsonValue;
  readonly taskState: JsonValue;
  readonly update: number;
  readonly architecture: string;
  readonly parameters: number;
  readonly facts: CardFacts;
  /** Real inputs to begin with, as the task's codec takes them. */
  readonly examples: readonly JsonValue[];
}

/** Elements of the file by id. */
export const PLAYER_IDS = {
  data: 'model',
  licenses: 'licenses',
  weights: 'weights',
  relaxed: 'core-relaxed',
  baseline: 'core-baseline',
} as const;

export const PLAYER_POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'";

export function htmlExport(
  model: AnyTrainedModel,
  card: Card,
  parts: PlayerParts,
  examples: readonly JsonValue[],
): Uint8Array<ArrayBuffer> {
  const data: PlayerData = {
    title: card.title,
    experiment: model.experiment as unknown as JsonValue,
    taskState: model.taskState,
    update: model.update,
    architecture: describeArchitecture(model),
    parameters: parameterCount(model),
    facts: card.facts,
    examples,
  };
  const encoder = new TextEncoder();
  const text = (value: string) => encoder.encode(value);
  const block = (id: string, content: Uint8Array) => [
    text(`<script type="application/octet-stream" id="${id}">`),
    content,
    text('</script>\n'),
  ];
  return joinBytes([
    text(
      [
        '<!doctype html>',
        '<html lang="en">',
        '<head>',
        '<meta charset="utf-8">',
        `<meta http-equiv="Content-Security-Policy" content="${PLAYER_POLICY}">`,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        `<title>${escapeHtml(card.title)}</title>`,
        `<style>${parts.style.replaceAll('</', '<\\/')}</style>`,
        '</head>',
        '<body>',
        '<div id="player"></div>',
        `<script type="application/json" id="${PLAYER_IDS.data}">${escapeJson(data)}</script>`,
        `<script type="application/json" id="${PLAYER_IDS.licenses}">${escapeJson(parts.licenses)}</script>`,
        '',
      ].join('\n'),
    ),
    ...block(PLAYER_IDS.weights, toBase64(writeSafetensors(model.weights))),
    ...block(PLAYER_IDS.relaxed, toBase64(parts.cores.relaxed)),
    ...block(PLAYER_IDS.baseline, toBase64(parts.cores.baseline)),
    text(`<script>${escapeScript(parts.script)}</script>\n</body>\n</html>\n`),
  ]);
}

/** In an element of text. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Nothing in it ends the element or begins a comment. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** In strings and regular expressions, where alone these occur in a bundled program, "<\/" means the same as "</". */
function escapeScript(script: string): string {
  return script.replace(/<\/(?=script)/giu, '<\\/').replaceAll('<!--', '<\\!--');
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
