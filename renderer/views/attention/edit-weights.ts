/** Attention weights changed by hand: they stay shares of one. */

/** One weight at a value, the others keeping their proportions in what is left. */
export function setWeight(weights: ArrayLike<number>, position: number, value: number): number[] {
  const wanted = Math.min(1, Math.max(0, value));
  const rest = Array.from(weights).reduce((sum, weight, s) => (s === position ? sum : sum + weight), 0);
  const others = weights.length - 1;
  return Array.from(weights, (weight, s) => {
    if (s === position) return others === 0 ? 1 : wanted;
    return rest > 0 ? (weight / rest) * (1 - wanted) : (1 - wanted) / others;
  });
}

export function onlyAt(count: number, position: number): number[] {
  return Array.from({ length: count }, (_, s) => (s === position ? 1 : 0));
}

export function evenly(count: number): number[] {
  return Array.from({ length: count }, () => 1 / count);
}
