/** One step of each optimizer as PyTorch defines them. Every function changes the arrays that it is given. */

export interface Sgd {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

export interface RmsProp {
  readonly rate: number;
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly weightDecay: number;
}

export interface Adam {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** AdamW: the weights decay apart from the gradient. */
  readonly decoupled: boolean;
}

/** `step` counts from 1; the momentum buffer starts as the first gradient. */
export function sgdStep(w: Float64Array, g: Float64Array, buffer: Float64Array, step: number, settings: Sgd): void {
  const { rate, momentum, nesterov, weightDecay } = settings;
  for (let i = 0; i < w.length; i++) {
    let d = g[i]! + weightDecay * w[i]!;
    if (momentum !== 0) {
      const b = step === 1 ? d : momentum * buffer[i]! + d;
      buffer[i] = b;
      d = nesterov ? d + momentum * b : b;
    }
    w[i]! -= rate * d;
  }
}

export interface RmsPropState {
  readonly v: Float64Array;
  readonly buffer: Float64Array;
  readonly mean: Float64Array;
}

export function rmsPropStep(w: Float64Array, g: Float64Array, state: RmsPropState, settings: RmsProp): void {
  const { v, buffer, mean } = state;
  const { rate, alpha, eps, momentum, centered, weightDecay } = settings;
  for (let i = 0; i < w.length; i++) {
    const d = g[i]! + weightDecay * w[i]!;
    const square = alpha * v[i]! + (1 - alpha) * d * d;
    v[i] = square;
    let variance = square;
    if (centered) {
      const m = alpha * mean[i]! + (1 - alpha) * d;
      mean[i] = m;
      variance = Math.max(0, square - m * m);
    }
    const step = d / (Math.sqrt(variance) + eps);
    if (momentum === 0) {
      w[i]! -= rate * step;
    } else {
      buffer[i] = momentum * buffer[i]! + step;
      w[i]! -= rate * buffer[i]!;
    }
  }
}

/** `step` counts from 1. */
export function adamStep(
  w: Float64Array,
  g: Float64Array,
  m: Float64Array,
  v: Float64Array,
  step: number,
  settings: Adam,
): void {
  const { rate, beta1, beta2, eps, weightDecay, decoupled } = settings;
  for (let i = 0; i < w.length; i++) {
    if (decoupled) w[i]! *= 1 - rate * weightDecay;
    const d = decoupled ? g[i]! : g[i]! + weightDecay * w[i]!;
    const mean = beta1 * m[i]! + (1 - beta1) * d;
    const square = beta2 * v[i]! + (1 - beta2) * d * d;
    m[i] = mean;
    v[i] = square;
    w[i]! -= ((rate / (1 - beta1 ** step)) * mean) / (Math.sqrt(square / (1 - beta2 ** step)) + eps);
  }
}
