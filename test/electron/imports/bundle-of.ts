/** A bundle of a model that was never trained here. */
import { writeBundle } from '../../../electron/exports/bundle.ts';
import { NO_PROGRESS } from '../../../electron/runs/run-rows.ts';
import { experimentToJson } from '../../../engine/experiment/schema.ts';
import type { AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { writeCheckpoint } from '../../../engine/formats/checkpoint.ts';

export function bundleOf({ experiment, taskState, weights }: AnyTrainedModel): Uint8Array {
  const bytes = writeCheckpoint({
    experiment,
    taskState,
    progress: {
      update: 10,
      position: { epoch: 0, batch: 0 },
      earlyStopping: { best: null, reference: null, waited: 0 },
      divergence: { firstLoss: null, exploded: 0 },
    },
    build: { core: 'relaxed', threads: 1 },
    model: weights,
    optimizer: new Map(),
    state: new Map(),
  });
  return writeBundle({
    program: '0.0.0',
    run: {
      name: 'A run',
      note: '',
      state: 'stopped',
      failure: null,
      created: 1,
      task: experiment.task.id,
      experiment: experimentToJson(experiment),
      progress: { ...NO_PROGRESS, update: 10, totalUpdates: 10 },
      metric: null,
      best: null,
      threads: 1,
      build: 'relaxed',
      changes: [],
    },
    dataset: null,
    history: null,
    health: [],
    evaluations: [],
    samples: [],
    checkpoints: [{ update: 10, saved: 5, pinned: false, bytes }],
    card: '',
  });
}
