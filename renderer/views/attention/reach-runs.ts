import type { RunInfo } from '../../../electron/api/runs.ts';
import { readExperiment } from '../../state/experiment.ts';

/** Other translators of the same task, those without attention first. */
export function reachRuns(info: RunInfo, all: readonly RunInfo[]): readonly RunInfo[] {
  const { task } = readExperiment(info.experiment);
  const same = JSON.stringify(task);
  const rank = ({ experiment }: RunInfo): number => {
    const { model } = readExperiment(experiment);
    if (model.architecture !== 'encoder-decoder') return 2;
    return model.attention === 'none' ? 0 : 1;
  };
  return all
    .filter(({ id, experiment }) => {
      const { model, task: other } = readExperiment(experiment);
      return id !== info.id && model.architecture !== 'recurrent' && JSON.stringify(other) === same;
    })
    .toSorted((a, b) => rank(a) - rank(b));
}
