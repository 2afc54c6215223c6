/** How much of an input a model can take. */
import { InputError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { EncodedInput, TaskKind } from '../tasks/task.ts';

/** What says how long a model's inputs may be. */
export interface LengthLimits {
  /** A transformer goes on with a text from its last steps: as many as it was trained with, having seen no later positions. */
  readonly window?: number;
  /** Learned positions. */
  readonly positions?: number;
}

export function lengthLimits({ model, training }: Experiment, kind: TaskKind): LengthLimits {
  if (model.architecture !== 'transformer') return {};
  return {
    ...(kind === 'language' ? { window: training.steps } : {}),
    ...(model.positions === 'learned' ? { positions: model.maxPositions } : {}),
  };
}

/** The input, or the last of it that a window holds. Throws InputError where steps would lack positions. */
export function fitInput(limits: LengthLimits, input: EncodedInput): EncodedInput {
  const { steps, tokens } = input;
  const { window = Infinity } = limits;
  if (tokens && steps > window) return { ...input, steps: window, tokens: tokens.slice(-window) };
  requirePositions(limits, steps);
  return input;
}

/** Throws InputError where steps would lack positions. */
export function requirePositions({ positions = Infinity }: LengthLimits, steps: number): void {
  if (steps > positions) {
    throw new InputError(`the input has ${steps} symbols; the model has learned ${positions} positions`);
  }
}
