import type { RunInfo } from '../../../electron/api/runs.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { Part } from './looked-at.ts';

/** What can be looked at in a run, the first of it first. */
export function partsOf({ experiment }: RunInfo, { tasks }: Pick<Lab, 'tasks'>): readonly Part[] {
  const { model, task } = readExperiment(experiment);
  if (model.architecture === 'encoder-decoder') return model.attention === 'none' ? ['bottleneck'] : ['live'];
  if (model.architecture === 'transformer')
    return tasks.find(task)?.kind === 'translation' ? ['live', 'self'] : ['self'];
  return [];
}
