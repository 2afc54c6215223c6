import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { Checkpoint } from '../../../engine/formats/checkpoint.ts';
import type { Tensor } from '../../../engine/formats/safetensors.ts';

/** A checkpoint with `floats` parameters. */
export function smallCheckpoint(update = 7, floats = 3): Checkpoint {
  const tensor = (factor: number): Tensor<Float32Array> => ({
    shape: [1, floats],
    data: Float32Array.from({ length: floats }, (_, i) => (i + update) * factor),
  });
  return {
    experiment: parseExperiment({
      format: 'unrolled-experiment',
      version: 1,
      seed: 42,
      task: { id: 'adding', steps: 50 },
      model: { cell: 'gru', hiddenSize: 1 },
      training: { updates: 100 },
    }),
    taskState: { symbols: ['a', '\u00e9'], mean: 0.1 },
    progress: {
      update,
      position: { epoch: 0, batch: update },
      earlyStopping: { best: { value: -0.1, update: 5 }, reference: 0.30000000000000004, waited: 1 },
      divergence: { firstLoss: 0.7, exploded: 0 },
    },
    build: { core: 'relaxed-shared', threads: 2 },
    model: new Map([
      ['rnn.weight_hh_l0', tensor(0.5)],
      ['head.bias', tensor(-1)],
    ]),
    optimizer: new Map([
      ['exp_avg', new Map([['rnn.weight_hh_l0', tensor(0.1)]])],
      ['exp_avg_sq', new Map([['rnn.weight_hh_l0', tensor(0.01)]])],
    ]),
    state: new Map([['h0', tensor(2)]]),
  };
}
