/**
 * Streams of random numbers (engine/random.ts) under an experiment's seed that order the data; item: the epoch. The
 * tasks' streams are in engine/tasks/streams.ts.
 */
export const SHUFFLE_ITEMS = 0x4000_0000;
export const SHUFFLE_BATCHES = 0x4000_0001;
