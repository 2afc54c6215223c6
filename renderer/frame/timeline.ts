/** Moving between the checkpoints of a run. Updates are ascending; null stands for the newest state. */

/** How near to the right end, as a share of the whole, stands for the newest state. */
const END = 0.01;

/** The checkpoint nearest to a place on the timeline. */
export function nearestCheckpoint(updates: readonly number[], at: number, last: number): number | null {
  if (at >= last * (1 - END)) return null;
  return updates.reduce<number | null>(
    (nearest, update) => (nearest === null || Math.abs(update - at) < Math.abs(nearest - at) ? update : nearest),
    null,
  );
}

/** The checkpoint `by` places further; past the last one lies the newest state. */
export function neighbour(updates: readonly number[], from: number | null, by: number): number | null {
  const index = from === null ? updates.length : updates.findIndex((update) => update >= from);
  const to = Math.max(0, (index < 0 ? updates.length : index) + by);
  return updates[to] ?? null;
}
