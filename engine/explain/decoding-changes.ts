/**
 * What a person changes while a model writes: symbols that it must write first, attention weights of a step that are put
 * in place of its own, heads that are silenced. As text they can be linked:
 *
 *     force=12.5.7; attend=decoder.layers.0.multihead_attn:1@3=0.5,0.5,0; silence=decoder.layers.0.self_attn:0
 *
 * Symbols are labels' numbers, heads and steps count from 0.
 */
import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import type { AttentionChanges } from '../models/stepwise.ts';

export interface AttentionEdit {
  /** Of the attention, as traces begin. */
  readonly name: string;
  /** null: every head. */
  readonly head: number | null;
  readonly step: number;
  /** One a key, none below 0; they need not add up to 1. */
  readonly parts: readonly number[];
}

export interface SilencedHead {
  readonly name: string;
  readonly head: number;
}

export interface DecodingChanges {
  readonly forced: readonly number[];
  readonly edits: readonly AttentionEdit[];
  readonly silenced: readonly SilencedHead[];
}

export const NOTHING_CHANGED: DecodingChanges = { forced: [], edits: [], silenced: [] };

const NAME = '[a-z_]+(?:\\.[a-z0-9_]+)*';
const FORCED = /^force=(\d{1,6}(?:\.\d{1,6})*)$/u;
const EDIT = new RegExp(`^attend=(${NAME}):(\\d{1,3}|all)@(\\d{1,4})=([0-9.,e-]+)$`, 'u');
const SILENCED = new RegExp(`^silence=(${NAME}):(\\d{1,3})$`, 'u');

/** Throws InputError where a part cannot be read. */
export function parseDecodingChanges(text: string): DecodingChanges {
  const forced: number[] = [];
  const edits: AttentionEdit[] = [];
  const silenced: SilencedHead[] = [];
  for (const part of text.split(';').map((piece) => piece.trim())) {
    if (part === '') continue;
    const [, labels] = FORCED.exec(part) ?? [];
    const [, edited, head = '', step = '', weights = ''] = EDIT.exec(part) ?? [];
    const [, quiet, which = ''] = SILENCED.exec(part) ?? [];
    if (labels !== undefined) forced.push(...labels.split('.').map(Number));
    else if (edited !== undefined) edits.push(readEdit(edited, head, step, weights));
    else if (quiet !== undefined) silenced.push({ name: quiet, head: Number(which) });
    else throw new InputError(`${show(part)} changes nothing that is known; as in "force=3.7" or "silence=NAME:0"`);
  }
  return { forced, edits, silenced };
}

export function formatDecodingChanges({ forced, edits, silenced }: DecodingChanges): string {
  return [
    ...(forced.length > 0 ? [`force=${forced.join('.')}`] : []),
    ...edits.map(
      ({ name, head, step, parts }) => `attend=${name}:${head ?? 'all'}@${step}=${parts.map(short).join(',')}`,
    ),
    ...silenced.map(({ name, head }) => `silence=${name}:${head}`),
  ].join('; ');
}

/** Weights of an edit, which add up to 1. */
export function editedWeights({ parts }: Pick<AttentionEdit, 'parts'>): readonly number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => (sum > 0 ? part / sum : 1 / parts.length));
}

/** As a model that decodes takes them. An edit for another number of keys than there are does nothing. */
export function attentionChanges({ edits, silenced }: DecodingChanges): AttentionChanges {
  const names = new Set([...edits, ...silenced].map(({ name }) => name));
  return new Map(
    [...names].map((name) => {
      const own = edits.filter((edit) => edit.name === name);
      const heads = silenced.filter((one) => one.name === name).map(({ head }) => head);
      return [
        name,
        {
          silenced: new Set(heads),
          edit: (head: number, _item: number, step: number, weights: Float32Array) => {
            const edit = own.find((one) => one.step === step && (one.head === null || one.head === head));
            if (edit?.parts.length !== weights.length) return false;
            weights.set(editedWeights(edit));
            return true;
          },
        },
      ];
    }),
  );
}

/** The edit in place of another of the same step and head. */
export function withEdit(changes: DecodingChanges, edit: AttentionEdit): DecodingChanges {
  return { ...changes, edits: [...withoutEdit(changes, edit).edits, edit] };
}

export function withoutEdit(
  changes: DecodingChanges,
  { name, head, step }: Pick<AttentionEdit, 'name' | 'head' | 'step'>,
): DecodingChanges {
  const other = (edit: AttentionEdit): boolean =>
    edit.name !== name || edit.step !== step || (head !== null && edit.head !== null && edit.head !== head);
  return { ...changes, edits: changes.edits.filter(other) };
}

function readEdit(name: string, head: string, step: string, weights: string): AttentionEdit {
  const parts = weights.split(',').map(Number);
  if (parts.some((part) => !(part >= 0 && Number.isFinite(part)))) {
    throw new InputError(`attention weights ${show(weights)} are not numbers from 0 on`);
  }
  return { name, head: head === 'all' ? null : Number(head), step: Number(step), parts };
}

function short(part: number): string {
  return String(Number(part.toPrecision(6)));
}
