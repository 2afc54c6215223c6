/** 16-bit floating point as float32. Both widenings are exact: infinities and NaN stay what they are. */

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. */
export function widenF16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const bits = halves[i]!;
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) values[i] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) values[i] = sign * fraction * 2 ** -24;
    else values[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return values;
}

/** bfloat16: the upper half of a float32. */
export function widenBF16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = Uint32Array.from(halves, (half) => half * 0x1_0000);
  return new Float32Array(bits.buffer);
}
