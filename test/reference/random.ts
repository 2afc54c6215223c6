/** Philox4x32-10 (Salmon et al. 2011) in arbitrary precision, and what the core makes of its words. */
import { Matrix } from './matrix.ts';

const WORD = 2n ** 32n;

type Words = readonly [number, number, number, number];

export function philox(counter: Words, key: readonly [number, number]): number[] {
  let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  const [key0, key1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0n; round < 10n; round++) {
    const first = a * 0xd2511f53n;
    const second = c * 0xcd9e8d57n;
    a = (second / WORD) ^ b ^ ((key0 + round * 0x9e3779b9n) % WORD);
    b = second % WORD;
    c = (first / WORD) ^ d ^ ((key1 + round * 0xbb67ae85n) % WORD);
    d = first % WORD;
  }
  return [a, b, c, d].map(Number);
}

/** The words at the counters (0, 0, 0, 0), (1, 0, 0, 0), ... one after the other. */
function wordsInOrder(n: number, seed: number, stream: number): number[] {
  const words: number[] = [];
  for (let place = 0; words.length < n; place++) words.push(...philox([place, 0, 0, 0], [seed, stream]));
  return words;
}

/** The upper 24 bits of each word as a fraction, in [low, high): in float32 arithmetic, and below `high` after rounding. */
export function uniform(n: number, low: number, high: number, seed: number, stream: number): Float32Array {
  const width = Math.fround(high - low);
  return Float32Array.from(wordsInOrder(n, seed, stream).slice(0, n), (word) => {
    const value = Math.fround(Math.fround(low) + Math.fround(width * (Math.floor(word / 256) / 2 ** 24)));
    return value < Math.fround(high) ? value : floatBelow(Math.fround(high));
  });
}

/** The greatest float32 below x. */
function floatBelow(x: number): number {
  if (x === 0) return -(2 ** -149);
  const float = Float32Array.of(x);
  new Int32Array(float.buffer)[0]! += x > 0 ? -1 : 1;
  return float[0]!;
}

/** Box & Muller 1958, on the words two by two. */
export function normal(n: number, mean: number, deviation: number, seed: number, stream: number): Float64Array {
  const words = wordsInOrder(n, seed, stream);
  return Float64Array.from({ length: n }, (_, i) => {
    const [first, second] = [words[i - (i % 2)]!, words[i - (i % 2) + 1]!];
    const radius = Math.sqrt(-2 * Math.log((first + 1) / 2 ** 32));
    const angle = (2 * Math.PI * second) / 2 ** 32;
    return mean + deviation * radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}

export interface DropoutShape {
  readonly steps: number;
  readonly batch: number;
  /** The place of the first item in the whole batch. */
  readonly offset: number;
  readonly cols: number;
}

export interface DropoutDraw {
  readonly rate: number;
  readonly seed: number;
  readonly update: number;
  readonly stream: number;
}

/** 1 where an element stays, else 0, [steps * batch, cols]: column c's 16 bits are half word c & 7 of its panel's. */
export function dropoutMask(shape: DropoutShape, { rate, seed, update, stream }: DropoutDraw): Matrix {
  const { steps, batch, offset, cols } = shape;
  const mask = new Matrix(steps * batch, cols);
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < cols; c++) {
        const words = philox([Math.floor(c / 8), offset + b, t, update + 1], [seed, stream]);
        const word = words[Math.floor((c % 8) / 2)]!;
        const bits = c % 2 === 0 ? word % 65536 : Math.floor(word / 65536);
        mask.set(t * batch + b, c, bits < Math.round(rate * 65536) ? 0 : 1);
      }
    }
  }
  return mask;
}
