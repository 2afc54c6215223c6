/** Something cut at these places (beyond its end: not at all). */
export function cutIntoPieces<T extends { readonly length: number; slice(from: number, to?: number): T }>(
  whole: T,
  cuts: readonly number[],
): readonly T[] {
  const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
  return places.slice(1).map((to, n) => whole.slice(places[n]!, to));
}
