/** Which of many things to keep so that what is kept still tells the course of them all. */

/**
 * Places of a thinned series of `count` values, ascending: the first and the last; of each of `buckets` equal parts,
 * where each of the series is smallest and largest. NaN is neither. All places where there are no more than that.
 */
export function thinSeries(
  count: number,
  buckets: number,
  series: readonly ((place: number) => number)[],
): readonly number[] {
  if (count <= buckets) {
    return Array.from({ length: count }, (_, place) => place);
  }
  const kept = new Set<number>([0]);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * count) / buckets);
    const end = Math.floor(((bucket + 1) * count) / buckets);
    const extremes = series.flatMap((value) => extremesOf(start, end, value));
    for (const place of extremes.sort((a, b) => a - b)) {
      kept.add(place);
    }
  }
  kept.add(count - 1);
  return [...kept];
}

/** Where a value is smallest and largest among places start to end - 1, none of them where all are NaN. */
function extremesOf(start: number, end: number, value: (place: number) => number): number[] {
  let smallest = -1;
  let largest = -1;
  let [low, high] = [Infinity, -Infinity];
  for (let place = start; place < end; place++) {
    const found = value(place);
    if (found < low || (smallest < 0 && found === low)) {
      [smallest, low] = [place, found];
    }
    if (found > high || (largest < 0 && found === high)) {
      [largest, high] = [place, found];
    }
  }
  return [smallest, largest].filter((place) => place >= 0);
}

/**
 * The checkpoints to give up so that at most `most` remain, by their updates (ascending). Those that matter least are
 * given up first: where the neighbours that stay lie closest on a logarithmic scale, on which early updates, which
 * change a model fastest, lie far apart. The first, the last and those to `keep` stay in any case.
 */
export function thinCheckpoints(
  updates: readonly number[],
  most: number,
  keep: (update: number) => boolean,
): readonly number[] {
  const kept = [...updates];
  const given: number[] = [];
  while (kept.length > most) {
    let least = -1;
    let smallest = Infinity;
    for (let i = 1; i < kept.length - 1; i++) {
      const gap = Math.log((kept[i + 1]! + 1) / (kept[i - 1]! + 1));
      if (gap < smallest && !keep(kept[i]!)) {
        [least, smallest] = [i, gap];
      }
    }
    if (least < 0) {
      break;
    }
    given.push(...kept.splice(least, 1));
  }
  return given;
}

/** 1, 2, 5, 10, 20, 50, ...: updates after which a checkpoint is worth having, whatever the interval. */
export function isMilestone(update: number): boolean {
  for (let power = 1; power <= update; power *= 10) {
    if (update === power || update === 2 * power || update === 5 * power) {
      return true;
    }
  }
  return false;
}
