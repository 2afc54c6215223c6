/**
 * Philox4x32-10, a counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a
 * bijection of four words, keyed by two. Any place of any stream is computed alone; nothing is carried along.
 *
 * The key is (seed, stream). Initialisers read the counters (place, 0, 0, 0); dropout reads the counters
 * (panel, item, step, update + 1).
 */

const MULTIPLIER0: u64 = 0xd2511f53;
const MULTIPLIER1: u64 = 0xcd9e8d57;
/** The golden ratio's and sqrt(3) - 1's first 32 bits after the point. */
const KEY_STEP0: u32 = 0x9e3779b9;
const KEY_STEP1: u32 = 0xbb67ae85;
const ROUNDS: i32 = 10;

// The result: words 0 and 1, words 2 and 3, the lower word first. Globals belong to one thread.
let words01: u64 = 0;
let words23: u64 = 0;

/** Computes the four words at the counter (c0, c1, c2, c3). */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, seed: u32, stream: u32): void {
  for (let round = 0; round < ROUNDS; ++round) {
    const p0 = <u64>c0 * MULTIPLIER0;
    const p1 = <u64>c2 * MULTIPLIER1;
    c0 = <u32>(p1 >> 32) ^ c1 ^ seed;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ stream;
    c3 = <u32>p0;
    seed += KEY_STEP0;
    stream += KEY_STEP1;
  }
  words01 = <u64>c0 | (<u64>c1 << 32);
  words23 = <u64>c2 | (<u64>c3 << 32);
}

/** Word `index` of the last call of `philox`. */
// @ts-ignore: decorator
@inline
export function word(index: i32): u32 {
  return <u32>((index < 2 ? words01 : words23) >> (<u64>(index & 1) << 5));
}

/** The words of the last call of `philox`, a lane each. */
// @ts-ignore: decorator
@inline
export function words(): v128 {
  return i64x2.replace_lane(i64x2.splat(words01), 1, words23);
}
