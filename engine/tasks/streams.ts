/** What the random numbers of tasks are for (Random's `stream`); training's own streams lie below 0xf0000000. */
export const Stream = {
  split: 0xf000_0000,
  train: 0xf000_0001,
  validation: 0xf000_0002,
  /** Which dates or numbers are written out. */
  written: 0xf000_0003,
  /** Which items of a translation are decoded at an evaluation. */
  decoded: 0xf000_0004,
} as const;
