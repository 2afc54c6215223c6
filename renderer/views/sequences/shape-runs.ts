/** Which runs have a shape: what goes in and comes out of their models, by number of steps. */
import type { RunInfo } from '../../../electron/api/runs.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Tasks } from '../../state/tasks.svelte.ts';
import type { ShapeChoice } from './looked-at.ts';

/** Of the tasks that force pairs of texts into step. */
const ALIGNED = /-aligned$/u;

export function shapesOf(
  { experiment }: Pick<RunInfo, 'experiment'>,
  tasks: Pick<Tasks, 'find'>,
): readonly ShapeChoice[] {
  const { task } = readExperiment(experiment);
  if (ALIGNED.test(task.id)) return ['misfit'];
  switch (tasks.find(task)?.kind) {
    case 'classification':
      return ['many-to-one'];
    case 'generation':
      return ['one-to-many'];
    case 'tagging':
    case 'language':
      return ['aligned'];
    case 'translation':
      return ['unequal'];
    default:
      return [];
  }
}

/** Why the diagram cannot show a model at work. */
export type Undrawn = 'both-ways' | 'attention' | 'transformer';

/** The diagram draws states that are handed on from one step to the next, in one direction; undefined where a model's are. */
export function undrawnBecause({ experiment }: Pick<RunInfo, 'experiment'>): Undrawn | undefined {
  const { model } = readExperiment(experiment);
  if (model.architecture === 'transformer') return 'transformer';
  if (model.architecture === 'encoder-decoder' && model.attention !== 'none') return 'attention';
  return model.bidirectional ? 'both-ways' : undefined;
}
