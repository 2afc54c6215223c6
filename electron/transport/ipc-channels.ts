/** The names under which Electron's IPC carries the contract. */
export const CHANNELS = {
  /** From the page, answered: a call's name and its arguments. */
  call: 'unrolled:call',
  /** From the page: the names of the events that it is to be told from now on. */
  listen: 'unrolled:listen',
  /** To the page: an event's name and its value. */
  event: 'unrolled:event',
} as const;
