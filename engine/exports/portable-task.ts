/** What other programs need to know of a task: which number is which symbol, and what numbers are normalised by. */
import type { JsonValue } from '../json.ts';
import type { TrainedModel } from './trained-model.ts';

export interface PortableTask {
  readonly [name: string]: JsonValue;
}

/** `vocabulary`, `labels`, `conditions`, `boundaries`, `inputs`, `outputs`, `normaliser`: what the task has of these. */
export function portableTask({ codec, taskState }: Pick<TrainedModel, 'codec' | 'taskState'>): PortableTask {
  const { input, output, conditions, boundaries } = codec;
  const { mean, deviation } = taskState;
  return {
    ...(input.kind === 'tokens' ? { vocabulary: input.symbols } : { inputs: input.names }),
    ...(output.kind === 'labels' ? { labels: output.labels } : { outputs: output.names }),
    ...(conditions ? { conditions } : {}),
    ...(boundaries ? { boundaries: { start: boundaries.start, end: boundaries.end } } : {}),
    ...(typeof mean === 'number' && typeof deviation === 'number' ? { normaliser: { mean, deviation } } : {}),
  };
}
