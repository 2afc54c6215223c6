/** From a person's own data to the experiment that trains on them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { ownTasks } from '../../engine/tasks/own.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import { readManifest } from '../datasets/stored.ts';
import { suggestOwn } from '../experiments/suggest.ts';
import { Workspace } from '../workspace/workspace.ts';
import { datasetNamed } from './commands/data.ts';
import { importFile, type ImportValues } from './data-import.ts';
import { experimentFrom, type ExperimentValues } from './experiment-flags.ts';

/** `data`: a file, or a dataset of the workspace in `folder`. */
export async function experimentOnData(
  data: string,
  values: ExperimentValues & ImportValues,
  folder: string,
): Promise<{ readonly experiment: Experiment; readonly datasets: string }> {
  const workspace = Workspace.open(folder);
  try {
    const { id } = existsSync(data)
      ? (await importFile(workspace, data, values, undefined)).dataset
      : datasetNamed(workspace, data);
    const datasets = workspace.datasets.folder;
    const manifest = readManifest(join(datasets, id), id);
    const fitting = ownTasks.filter(({ own }) => own === manifest.form);
    const definition = values.task === undefined ? fitting[0] : taskDefinition(values.task);
    if (definition === undefined || !fitting.includes(definition)) {
      throw new InputError(
        `the dataset ${id} is of the form "${manifest.form}", which the task ${definition?.id ?? ''} is not made from`,
        `It can be trained on with ${fitting.map((task) => `--task ${task.id}`).join(' or ')}.`,
      );
    }
    const { task: _, ...others } = values;
    const experiment = experimentFrom(others, parseExperiment(suggestOwn(definition, id, manifest)));
    return { experiment, datasets };
  } finally {
    workspace.close();
  }
}
