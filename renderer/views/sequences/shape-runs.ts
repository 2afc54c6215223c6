/** Which runs have a shape: what goes in and comes out of their models, by number of steps. */
import type { RunInfo } from '../../../electron/api/runs.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Tasks } from '../../state/tasks.svelte.ts';
import type { ShapeChoice } from './looked-at.ts';

/** Of the tasks that force pairs of texts into step. */
const ALIGNED = /-aligned$/u;

/**
 * Models whose states are as the diagram draws them: recurrent ones that read in one direction. A model that turns a
 * sequence into a label turns one symbol into one, too.
 */
export function shapesOf(
  { experiment }: Pick<RunInfo, 'experiment'>,
  tasks: Pick<Tasks, 'find'>,
): readonly ShapeChoice[] {
  const { model, task } = readExperiment(experiment);
  if (model.architecture === 'transformer' || model.bidirectional) return [];
  if (model.architecture === 'encoder-decoder') return model.attention === 'none' ? ['unequal'] : [];
  if (ALIGNED.test(task.id)) return ['misfit'];
  switch (tasks.find(task)?.kind) {
    case 'classification':
      return ['one-to-one', 'many-to-one'];
    case 'generation':
      return ['one-to-many'];
    case 'tagging':
    case 'language':
      return ['aligned'];
    default:
      return [];
  }
}
