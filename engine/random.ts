/**
 * Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): four words of a
 * counter and two words of a key give four random words. There is no state but the counter, so any number of a
 * sequence can be had at once, in any order, on any thread.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const KEY_STEP_0 = 0x9e3779b9;
const KEY_STEP_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 2 ** 32;

/** The upper 32 bits of the 64-bit product of two 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
}

/** One block: words 0 to 3 of `out` from the counter's four words and the key's two. `out` may be the counter. */
export function philox4x32(counter: Readonly<Uint32Array>, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + KEY_STEP_0) >>> 0;
    k1 = (k1 + KEY_STEP_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * A sequence of random numbers determined by (seed, stream, item) and a position in it. The counter's words are block
 * number, item (lower 32 bits), stream and item (upper bits); the key is the seed, lower word first.
 */
export class Random {
  /** Whole, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Whole, 0 to 2^32 - 1: what the numbers are for. */
  readonly stream: number;
  /** Whole, 0 to 2^53 - 1: which of many alike. */
  readonly item: number;
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #position = 0;

  constructor(seed: number, stream: number, item = 0) {
    requireWhole('seed', seed, Number.MAX_SAFE_INTEGER);
    requireWhole('stream', stream, TWO_32 - 1);
    requireWhole('item', item, Number.MAX_SAFE_INTEGER);
    this.seed = seed;
    this.stream = stream;
    this.item = item;
    this.#counter[1] = item % TWO_32;
    this.#counter[2] = stream;
    this.#counter[3] = Math.floor(item / TWO_32);
  }

  /** How many 32-bit words have been taken. Setting it jumps there at once. At most 2^34 - 1. */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    requireWhole('position', position, 4 * TWO_32 - 1);
    this.#position = position;
    if (position % 4 !== 0) {
      this.#fill();
    }
  }

  /** Uniform in 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#position >= 4 * TWO_32) {
      throw new RangeError('a random sequence ends after 2^34 words');
    }
    if (this.#position % 4 === 0) {
      this.#fill();
    }
    return this.#block[this.#position++ % 4]!;
  }

  /** Uniform in [0, 1), a multiple of 2^-24: float32 holds it exactly. */
  unit(): number {
    return (this.uint32() >>> 8) / 2 ** 24;
  }

  /** Uniform in 0 to n - 1, every value equally likely; n from 1 to 2^32. Takes more than one word now and then. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new RangeError(`below(${n}): n must be a whole number from 1 to 2^32`);
    }
    const limit = TWO_32 - (TWO_32 % n);
    for (;;) {
      const word = this.uint32();
      if (word < limit) {
        return word % n;
      }
    }
  }

  /** The numbers 0 to n - 1, every order equally likely (Fisher & Yates; Durstenfeld 1964). */
  permutation(n: number): Uint32Array<ArrayBuffer> {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }

  #fill(): void {
    this.#counter[0] = Math.floor(this.#position / 4);
    philox4x32(this.#counter, this.seed % TWO_32, Math.floor(this.seed / TWO_32), this.#block);
  }
}

function requireWhole(name: string, value: number, maximum: number): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw new RangeError(`${name} is ${value}; it must be a whole number from 0 to ${maximum}`);
  }
}
