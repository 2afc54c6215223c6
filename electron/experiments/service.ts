/** The calls of the contract that concern experiments. */
import { join } from 'node:path';
import { requireAddressable } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import type { Cell, Experiment } from '../../engine/experiment/experiment.ts';
import { show } from '../../engine/experiment/fields.ts';
import { experimentToJson, parseExperiment } from '../../engine/experiment/schema.ts';
import type { TaskDefinition } from '../../engine/tasks/definition.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import { outlineTraining } from '../../engine/training/outline.ts';
import type { Settings } from '../api/app.ts';
import type { Services } from '../api/contract.ts';
import { defaultThreads } from '../core/threads.ts';
import type { DatasetWorkspace } from '../datasets/store.ts';
import { readManifest } from '../datasets/stored.ts';
import type { TaskTeller } from '../tasks/task-teller.ts';
import { presetFor } from './presets.ts';
import type { SpeedBook } from './speed.ts';
import { suggestOwn } from './suggest.ts';

/** What is needed of a workspace. */
export interface ExperimentWorkspace extends DatasetWorkspace {
  readonly settings: { get(): Pick<Settings, 'threads'> };
}

/** Bytes beyond which a model is not tried out for its speed. */
const MOST_MEASURED = 1 << 30;

export function createExperimentService(
  workspace: ExperimentWorkspace,
  teller: TaskTeller,
  speeds: SpeedBook,
): Pick<Services, 'experiments'> {
  return {
    experiments: {
      suggest({ task, dataset, cell }) {
        const definition = taskDefinition(task);
        if (definition.own === null) return { experiment: unnamed(suggested(definition, cell)) };
        if (dataset === undefined) {
          throw new InputError(`the task ${task} is made of a dataset of your own; "dataset" must say of which`);
        }
        const manifest = readManifest(join(workspace.datasets.folder, dataset), dataset);
        if (manifest.form !== definition.own) {
          throw new InputError(
            `the dataset ${show(manifest.name)} is of the form "${manifest.form}"; the task ${task} needs one of the form ` +
              `"${definition.own}"`,
          );
        }
        return { experiment: unnamed(parseExperiment(suggestOwn(definition, dataset, manifest))) };
      },

      async check({ experiment: json }) {
        const experiment = parseExperiment(json);
        const task = await teller.outline(experiment.task, workspace.datasets.folder);
        const { batchSize, optimizer } = experiment.training;
        const threads = Math.min(workspace.settings.get().threads || defaultThreads(), batchSize);
        const { spec, parameters, memoryBytes, plan, updatesPerEpoch, layers } = outlineTraining(
          experiment,
          task,
          threads,
        );
        requireAddressable(memoryBytes);
        return {
          experiment: experimentToJson(experiment),
          parameters,
          memoryBytes,
          totalUpdates: plan.totalUpdates,
          updatesPerEpoch: Number.isFinite(updatesPerEpoch) ? updatesPerEpoch : null,
          tokensPerSecond:
            memoryBytes > MOST_MEASURED ? null : await speeds.tokensPerSecond({ spec, optimizer, threads }),
          layers: layers.map((layer) => ({ ...layer, inputs: [...layer.inputs] })),
        };
      },
    },
  };
}

/** A preset's name tells of its own settings; a run is named after those that it is started with. */
function unnamed({ name: _, ...experiment }: Experiment): unknown {
  return experimentToJson(experiment);
}

function suggested({ id }: TaskDefinition, cell: Cell | undefined): Experiment {
  const preset = presetFor(id, cell);
  if (!preset) throw new Error(`No experiment is kept for the task ${id}.`);
  return preset;
}
