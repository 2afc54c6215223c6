/** What measured norms allow to be said of a gradient that flows back, and of the matrix that it is multiplied with. */
import type { FlowMap, GradientFlow } from './flow.ts';

/** log10 of what is left of a gradient, from which it counts as enlarged, still felt, or lost. */
const LIMITS = { explodes: 3, grows: Math.log10(1.5), reaches: -3, fades: -6 } as const;

/** An orthogonal matrix has singular values of 1 but for this. */
const ROUNDING = 1e-6;

export type ShareKind = 'explodes' | 'grows' | 'reaches' | 'fades' | 'vanishes';

/** `log`: log10 of the norm far back as a multiple of the norm near by. */
export function kindOfShare(log: number): ShareKind {
  if (log >= LIMITS.explodes) return 'explodes';
  if (log >= LIMITS.grows) return 'grows';
  if (log >= LIMITS.reaches) return 'reaches';
  return log >= LIMITS.fades ? 'fades' : 'vanishes';
}

export interface FlowVerdict {
  /** direct: the loss reads every step, so that nothing has to flow back. cut: truncated between the two steps. */
  readonly kind: ShareKind | 'direct' | 'cut';
  /** The cell state where there is one: through it a gradient can pass unchanged. */
  readonly state: FlowMap['state'];
  /** The loss's own step and the farthest one, from 0. */
  readonly near: number;
  readonly far: number;
  /** log10 of the norms at both. */
  readonly nearNorm: number;
  readonly farNorm: number;
  /** log10 of how many times the nearer norm the farther one is. */
  readonly share: number;
}

/**
 * Of one loss (a row of the maps) in one layer and direction. Undefined where the loss has no step before its own, or no
 * gradient at its own step to compare with.
 */
export function judgeFlow(flow: GradientFlow, maps: readonly FlowMap[], row: number): FlowVerdict | undefined {
  const map = maps.find(({ state }) => state === 'cell') ?? maps[0];
  const loss = flow.losses[row];
  if (map === undefined || loss === undefined) return undefined;
  const last = flow.steps - 1;
  const near = map.perStep ? loss : map.reverse ? 0 : last;
  const far = map.reverse ? last : 0;
  const nearNorm = map.norms[row * flow.steps + near] ?? NaN;
  const farNorm = map.norms[row * flow.steps + far] ?? NaN;
  if (near === far || !Number.isFinite(nearNorm)) return undefined;
  const share = farNorm - nearNorm;
  const kind = map.direct ? 'direct' : Number.isNaN(farNorm) ? 'cut' : kindOfShare(share);
  return { kind, state: map.state, near, far, nearNorm, farNorm, share };
}

/**
 * What a recurrent matrix W does to a gradient that is multiplied by W and by slopes of at most 1 again and again
 * (Pascanu, Mikolov & Bengio 2013). vanishes: the largest singular value is below 1, so that no product can keep its
 * length. may-grow: it is 1 or above, which is necessary for growth; whether it grows, the slopes decide. The spectral
 * radius guarantees nothing while there are slopes; without them (relu units that stay active) the powers of W die out
 * below 1 and grow above.
 */
export function judgeMatrix(largestSingularValue: number): 'vanishes' | 'may-grow' {
  return largestSingularValue < 1 - ROUNDING ? 'vanishes' : 'may-grow';
}
