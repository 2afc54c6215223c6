import { thin } from './thin.ts';

/** Room above and below the curve, so that the line is not cut. */
const MARGIN = 2;

/**
 * A line's points as SVG writes them, filling a box: `xMax`, where it is given, lies at the right edge, else the last
 * x. Gaps are left out.
 */
export function curve(x: Float64Array, y: Float64Array, width: number, height: number, xMax?: number): string {
  const points = thin(x, y, Math.max(10, Math.round(width / 3))).filter(({ y: value }) => Number.isFinite(value));
  if (points.length === 0) return '';
  let low = Infinity;
  let high = -Infinity;
  for (const { y: value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const right = xMax ?? points.at(-1)?.x ?? 1;
  const across = width / (right || 1);
  const up = (height - 2 * MARGIN) / (high - low || 1);
  return points
    .map(({ x: at, y: value }) => `${(at * across).toFixed(1)},${(height - MARGIN - (value - low) * up).toFixed(1)}`)
    .join(' ');
}
