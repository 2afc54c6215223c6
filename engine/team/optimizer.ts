/** Optimizers over regions of plain floats, as PyTorch defines them. The learning rate comes with each step. */
import type { Core } from '../core/core.ts';

export type OptimizerSpec =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean; readonly weightDecay: number }
  | {
      readonly kind: 'rmsprop';
      readonly alpha: number;
      readonly eps: number;
      readonly momentum: number;
      /** Divides by the standard deviation of the gradients in place of their root mean square. */
      readonly centered: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'adam' | 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly eps: number;
      readonly weightDecay: number;
    };

/** Names of an optimizer's state, one float a parameter each; PyTorch's names. */
export function optimizerSlots(spec: OptimizerSpec): readonly string[] {
  switch (spec.kind) {
    case 'sgd':
      return spec.momentum > 0 ? ['momentum_buffer'] : [];
    case 'rmsprop':
      return ['square_avg', ...(spec.momentum > 0 ? ['momentum_buffer'] : []), ...(spec.centered ? ['grad_avg'] : [])];
    case 'adam':
    case 'adamw':
      return ['exp_avg', 'exp_avg_sq'];
  }
}

export interface OptimizerStep {
  /** Number of the update, from 0. */
  readonly update: number;
  readonly learningRate: number;
  /** Multiplies the gradient first. */
  readonly scale: number;
}

/** `n` floats of parameters at `w`, gradients at `g`; slot k of the state lies `slotBytes` * (k + 1) beyond `w`. */
export function applyOptimizer(
  { kernels }: Core,
  spec: OptimizerSpec,
  { update, learningRate, scale }: OptimizerStep,
  n: number,
  w: number,
  g: number,
  slotBytes: number,
): void {
  const slot0 = w + slotBytes;
  switch (spec.kind) {
    case 'sgd':
      kernels.f32_sgd(
        n,
        w,
        g,
        slot0,
        learningRate,
        spec.momentum,
        spec.nesterov ? 1 : 0,
        spec.weightDecay,
        scale,
        update === 0 ? 1 : 0,
      );
      return;
    case 'rmsprop':
      kernels.f32_rmsprop(
        n,
        w,
        g,
        slot0,
        slot0 + slotBytes,
        slot0 + (spec.momentum > 0 ? 2 : 1) * slotBytes,
        learningRate,
        spec.alpha,
        spec.eps,
        spec.momentum,
        spec.centered ? 1 : 0,
        spec.weightDecay,
        scale,
      );
      return;
    case 'adam':
    case 'adamw':
      kernels.f32_adam(
        n,
        w,
        g,
        slot0,
        slot0 + slotBytes,
        learningRate,
        spec.beta1,
        spec.beta2,
        spec.eps,
        spec.weightDecay,
        spec.kind === 'adamw' ? 1 : 0,
        1 - spec.beta1 ** (update + 1),
        1 - spec.beta2 ** (update + 1),
        scale,
      );
  }
}
