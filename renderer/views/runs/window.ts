/** The rows of a long table that are on the screen, and a few around them. */
export interface RowWindow {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export function rowWindow(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  spare: number,
): RowWindow {
  const first = Math.floor(scrollTop / rowHeight);
  const last = Math.ceil((scrollTop + height) / rowHeight);
  return { start: Math.max(0, Math.min(first - spare, count)), end: Math.max(0, Math.min(last + spare, count)) };
}
