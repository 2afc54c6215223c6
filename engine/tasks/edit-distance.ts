/** Insertions, deletions and replacements that turn one sequence into the other, at least (Wagner & Fischer 1974). */
export function editDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  // row[j]: from the first i symbols of a to the first j of b
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j]!;
      row[j] = Math.min(replaced, diagonal + 1, row[j - 1]! + 1);
    }
  }
  return row[b.length]!;
}
