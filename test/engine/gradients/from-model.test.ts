import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { ARENA_START, createMemory, instantiateCore } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { FloatTensors } from '../../../engine/formats/checkpoint.ts';
import { FlowMeter, type LabelledInput } from '../../../engine/gradients/flow.ts';
import { unrollModel } from '../../../engine/gradients/from-model.ts';
import { norm } from '../../../engine/gradients/linear-algebra.ts';
import { arrivals } from '../../../engine/gradients/terms.ts';
import { forward } from '../../../engine/gradients/unrolled-network.ts';
import { recurrentSpecFor, type TaskShape } from '../../../engine/models/from-experiment.ts';
import { initialiseParameters } from '../../../engine/models/initialise.ts';
import { buildRecurrentModel } from '../../../engine/models/recurrent-model.ts';
import { layOut } from '../../../engine/team/layout.ts';
import { readParameter } from '../../../engine/team/parameters.ts';

const V = ['a', 'b', 'c', 'd'];
const task: TaskShape = {
  kind: 'tagging',
  input: { kind: 'tokens', symbols: V },
  output: { kind: 'labels', labels: V, per: 'step' },
};
const input: LabelledInput = {
  steps: 7,
  tokens: Int32Array.of(0, 1, 2, 3, 2, 1, 0),
  targetLabels: Int32Array.of(1, 2, 3, 2, 1, 0, 0),
};

async function modelOf(model: object) {
  const core = await loadCore(coreFiles, { shared: false });
  const experiment = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 4,
    task: { id: 'moby-dick' },
    model: { hiddenSize: 6, ...model },
    training: { updates: 1 },
  });
  const spec = recurrentSpecFor(experiment, task, { steps: 7, batchSize: 1, lengths: false, stateful: false });
  const layout = layOut({ build: buildRecurrentModel(spec), batchSize: 1, threads: 1, slots: 0 });
  const memory = instantiateCore(core, createMemory(ARENA_START + layout.bytes, false));
  initialiseParameters(core, memory, layout.parameters.list, 4);
  const weights: FloatTensors = new Map(
    layout.parameters.list.map((parameter) => [
      parameter.name,
      { dtype: 'F32', shape: [...parameter.shape], data: readParameter(memory.f32, parameter) },
    ]),
  );
  return { core, experiment, task, weights, sourceName: 'the weights' };
}

describe.each([
  { cell: 'rnn' },
  { cell: 'rnn', nonlinearity: 'relu', embeddingSize: 3 },
  { cell: 'lstm' },
  { cell: 'lstm', layers: 2, embeddingSize: 3 },
])('a window of %o', (settings) => {
  test('has the losses and gradients of the model, from wherever it begins', async () => {
    const model = await modelOf(settings);
    const flow = (await FlowMeter.load({ ...model, steps: 7 })).measure(input);
    const top = flow.maps.filter(({ state }) => state === 'hidden').at(-1)!;
    for (const from of [0, 3]) {
      const network = await unrollModel({ ...model, input, from, count: 4 });
      const steps = forward(network);
      const arrived = arrivals(network, steps);
      expect(steps).toHaveLength(4);
      steps.forEach(({ loss }, t) => expect(loss).toBeCloseTo(flow.lossValues[from + t]!, 4));
      arrived.forEach((row, t) => {
        row.forEach(({ dh }, k) => {
          expect(Math.log10(norm(dh))).toBeCloseTo(top.norms[(from + t) * 7 + from + k]!, 3);
        });
      });
    }
  });
});

test.each([
  [{ cell: 'gru' }, 'a plain RNN or an LSTM'],
  [{ cell: 'rnn', bidirectional: true }, 'reads in one direction'],
])('a model that cannot be unrolled is refused: %o', async (settings, reason) => {
  const model = await modelOf(settings);
  await expect(unrollModel({ ...model, input, from: 0, count: 4 })).rejects.toThrow(reason);
});
