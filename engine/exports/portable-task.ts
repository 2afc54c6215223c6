/** What other programs need to know of a task: which number is which symbol, and what numbers are normalised by. */
import type { JsonValue } from '../json.ts';
import type { TrainedModel } from './trained-model.ts';

export interface PortableTask {
  readonly [name: string]: JsonValue;
}

/**
 * `vocabulary`, `labels`, `conditions`, `boundaries`, `excluded` (labels that a translator never writes), `separators` (what
 * stands between a source's symbols and between a target's), `inputs`, `outputs`, `normaliser`: what the task has of these.
 */
export function portableTask({ codec, taskState }: Pick<TrainedModel, 'codec' | 'taskState'>): PortableTask {
  const { input, output, conditions, boundaries, target } = codec;
  const { mean, deviation, separators } = taskState;
  return {
    ...(input.kind === 'tokens' ? { vocabulary: input.symbols } : { inputs: input.names }),
    ...(output.kind === 'labels' ? { labels: output.labels } : { outputs: output.names }),
    ...(conditions ? { conditions } : {}),
    ...(boundaries ? { boundaries: { start: boundaries.start, end: boundaries.end } } : {}),
    ...(target ? { excluded: [...target.excluded] } : {}),
    ...(separators === undefined ? {} : { separators }),
    ...(typeof mean === 'number' && typeof deviation === 'number' ? { normaliser: { mean, deviation } } : {}),
  };
}
