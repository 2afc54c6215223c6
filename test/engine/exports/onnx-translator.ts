/** A translator's two ONNX files in onnxruntime. */
import * as ort from 'onnxruntime-web';
import { onTestFinished } from 'vitest';
import type { TaskCodec } from '../../../engine/tasks/task.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export type Tensors = Readonly<Record<string, ort.Tensor>>;

export interface Pair {
  readonly encoder: ort.InferenceSession;
  readonly decoder: ort.InferenceSession;
}

/** `fileOf`: the bytes of "encoder.onnx" and "decoder.onnx". */
export async function openPair(fileOf: (name: string) => Uint8Array): Promise<Pair> {
  const open = async (name: string) => {
    const session = await ort.InferenceSession.create(fileOf(name));
    onTestFinished(() => session.release());
    return session;
  };
  return { encoder: await open('encoder.onnx'), decoder: await open('decoder.onnx') };
}

export function integers(values: readonly number[], dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** Runs the encoder; `feeds`: everything that the decoder takes beside its symbols, before the first of them. */
export async function readSources({ encoder, decoder }: Pair, sources: readonly Int32Array[]) {
  const steps = Math.max(...sources.map((source) => source.length));
  const batch = sources.length;
  const laid = Array.from({ length: steps * batch }, (_, i) => sources[i % batch]![Math.floor(i / batch)] ?? 0);
  const lengths = Int32Array.from(sources, (source) => source.length);
  const source_lengths = new ort.Tensor('int32', lengths, [batch]);
  const made: Tensors = await encoder.run({ source_tokens: integers(laid, [steps, batch]), source_lengths });
  const nothing = (name: string) => {
    const port = decoder.inputMetadata.find((one) => one.name === name);
    if (!port?.isTensor || !name.startsWith('past_')) throw new TypeError(`The encoder gives no "${name}".`);
    const dims = port.shape.map((size) => (typeof size === 'number' ? size : size === 'batch' ? batch : 0));
    return new ort.Tensor('float32', new Float32Array(0), dims);
  };
  const taken = decoder.inputNames.filter((name) => name !== 'tokens');
  const given: Tensors = { ...made, source_lengths };
  return { made, feeds: Object.fromEntries(taken.map((name) => [name, given[name] ?? nothing(name)])) };
}

const BACK = { hn: 'h0', cn: 'c0', present_keys: 'past_keys', present_values: 'past_values' } as const;

/** The decoder's state after a step, as it takes it for the next. */
export function stateBack(results: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(BACK).flatMap(([from, to]) => (results[from] ? [[to, results[from]] as const] : [])),
  );
}

/** The most probable labels one after the other, the end included. */
export async function translateGreedily(
  pair: Pair,
  { boundaries, target }: TaskCodec,
  source: Int32Array,
  most: number,
): Promise<readonly number[]> {
  if (!boundaries || !target) throw new TypeError('Only translators can translate.');
  let { feeds } = await readSources(pair, [source]);
  let next = boundaries.start;
  const written: number[] = [];
  while (written.length < most && next !== boundaries.end) {
    const results = await pair.decoder.run({ ...feeds, tokens: integers([next], [1, 1]) });
    const probabilities = Array.from(results['probabilities']!.data as Float32Array, (p, label) =>
      target.excluded.has(label) ? 0 : p,
    );
    next = probabilities.indexOf(Math.max(...probabilities));
    written.push(next);
    feeds = { ...feeds, ...stateBack(results) };
  }
  return written;
}
