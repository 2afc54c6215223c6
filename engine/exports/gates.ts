/** Recurrent weights in the orders of other programs. PyTorch's LSTM has the gates i, f, g, o, its GRU r, z, n. */

/** Blocks of `block` elements in another order: the k-th of the result is `order[k]` of `data`. */
export function permuteBlocks(data: Float32Array, block: number, order: readonly number[]): Float32Array<ArrayBuffer> {
  const permuted = new Float32Array(data.length);
  order.forEach((from, to) => {
    permuted.set(data.subarray(from * block, (from + 1) * block), to * block);
  });
  return permuted;
}

/** [rows, columns] to [columns, rows]. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[row * columns + column]!;
    }
  }
  return result;
}

/** One after the other. */
export function joined(...parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
