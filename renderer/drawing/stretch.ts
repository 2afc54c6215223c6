/** Steps from the first to the last, both included, from 0. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}
