/** Numbers of mean 0 and standard deviation 1, and back. */
export class Normaliser {
  readonly mean: number;
  readonly deviation: number;

  constructor(mean: number, deviation: number) {
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Of these values, which must be the training part's; a constant keeps its scale. */
  static of(values: readonly number[]): Normaliser {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return new Normaliser(mean, variance > 0 ? Math.sqrt(variance) : 1);
  }

  apply(value: number): number {
    return (value - this.mean) / this.deviation;
  }

  invert(value: number): number {
    return value * this.deviation + this.mean;
  }
}
