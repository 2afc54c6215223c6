/** Numbers that grow at their end, in one typed array. */
export class Column {
  #values: Float64Array;
  #length: number;

  /** Takes the array over. */
  constructor(values = new Float64Array(0)) {
    this.#values = values;
    this.#length = values.length;
  }

  get length(): number {
    return this.#length;
  }

  /** A view; good until the next `push`. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(Math.max(64, this.#length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }
}
