/** What a model is given to read: an item of the data, or what a person typed. */
import { sequenceText } from '../../engine/explain/properties.ts';
import { parseJson } from '../../engine/formats/json.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { IGNORED } from '../../engine/tasks/task.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import { visibleSymbol } from '../drawing/series.ts';
import type { Reading } from './recording.ts';

/** `id`: two sources with the same one are the same. */
export type Source = { readonly id: string } & (
  | { readonly kind: 'example'; readonly example: Example }
  /** In the form that the task's codec reads. */
  | { readonly kind: 'typed'; readonly json: string }
);

/** Throws InputError where what was typed is not what the task reads. */
export function readSource(source: Source, codec: TaskCodec): Example {
  if (source.kind === 'example') return source.example;
  const encoded = codec.encode(parseJson(source.json, 'the input'));
  const example = { ...encoded, text: source.json, target: '' };
  if (codec.kind !== 'language' || encoded.tokens === undefined) return example;
  // What is typed is its own target: each symbol is what should follow the one before.
  const targetLabels = new Int32Array(encoded.steps).fill(IGNORED);
  targetLabels.set(encoded.tokens.subarray(1));
  return { ...example, targetLabels };
}

export function readingOf(example: Example, { input, output }: TaskCodec): Reading {
  const { steps, tokens, values, targetLabels } = example;
  const symbols = input.kind === 'tokens' ? input.symbols : [];
  const labels = output.kind === 'labels' ? output.labels : [];
  return {
    steps,
    labels: Array.from({ length: steps }, (_, step) =>
      tokens === undefined ? String(step + 1) : visibleSymbol(symbols[tokens[step]!] ?? ''),
    ),
    text: sequenceText(input, example),
    series: values === undefined || input.kind !== 'values' ? undefined : { values, names: input.names },
    targets: Array.from(targetLabels ?? [], (label) => (label === IGNORED ? '' : visibleSymbol(labels[label] ?? ''))),
  };
}
