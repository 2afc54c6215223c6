import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startModelThread } from '../../../electron/core/threads.ts';
import { loadCore } from '../../../engine/core/load.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { Checkpoint } from '../../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { Predictor } from '../../../engine/models/predictor.ts';
import type { TaskKind } from '../../../engine/tasks/task.ts';
import { Session } from '../../../engine/training/session.ts';
import { smallTask } from './small-tasks.ts';

type Model = Readonly<Record<string, JsonValue>>;

const transformer: Model = { architecture: 'transformer', modelSize: 16, heads: 2, layers: 1, dropout: 0.1 };
const recurrent: Model = { architecture: 'encoder-decoder', hiddenSize: 16, dropout: 0.1 };
const MODELS: readonly (readonly [TaskKind, Model])[] = [
  ['translation', { ...recurrent, cell: 'gru' }],
  ['translation', { ...recurrent, cell: 'lstm', bidirectional: true, attention: 'additive', attentionSize: 8 }],
  ['translation', { ...transformer, norm: 'post', activation: 'relu' }],
  ['language', transformer],
  ['classification', { ...transformer, positions: 'learned', maxPositions: 64 }],
  ['tagging', transformer],
];

function experimentOf(model: Model): Experiment {
  const teacherForcing = model['architecture'] === 'encoder-decoder' ? 0.8 : 1;
  const training = { batchSize: 8, steps: 10, updates: 60, teacherForcing, optimizer: { learningRate: 0.01 } };
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task: { id: 'small' },
    model,
    training,
  });
}

async function start(kind: TaskKind, experiment: Experiment, checkpoint?: Checkpoint): Promise<Session> {
  const core = await loadCore(coreFiles, { shared: true });
  const task = smallTask(kind);
  const more = checkpoint ? { checkpoint } : {};
  const session = await Session.start({ core, experiment, task, threads: 2, startThread: startModelThread, ...more });
  onTestFinished(() => session.stop());
  return session;
}

describe.each(MODELS)('a session for %s with %o', (kind, model) => {
  test('learns, and goes on from a checkpoint bit for bit', async () => {
    const experiment = experimentOf(model);
    const session = await start(kind, experiment);
    const losses = Array.from({ length: 25 }, () => session.step().loss);
    const checkpoint = session.checkpoint();
    const resumed = await start(kind, experiment, checkpoint);
    for (let i = 0; i < 25; i++) {
      const { loss } = session.step();
      losses.push(loss);
      expect(resumed.step().loss).toBe(loss);
    }
    expect([...resumed.parameters()]).toEqual([...session.parameters()]);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    expect(resumed.evaluate()).toEqual(session.evaluate());
  });
});

describe('a transformer that goes on', () => {
  test('says the same symbol by symbol, in parts and as a whole, and reads its later half anew where its window ends', async () => {
    const experiment = experimentOf(transformer);
    const session = await start('language', experiment);
    const core = await loadCore(coreFiles, { shared: false });
    const task = smallTask('language');
    const weights = session.parameters();
    const predictor = await Predictor.load({ core, experiment, task, weights, steps: 20, sourceName: 'the model' });
    const tokens = task.codec.encode('the tide').tokens!;
    const run = (from: number, to: number, continues: boolean) =>
      predictor.run({ steps: to - from, tokens: tokens.subarray(from, to) }, continues);
    const whole = [...run(0, 8, false)];
    for (const size of [1, 3]) {
      const parts: number[] = [];
      for (let from = 0; from < 8; from += size) parts.push(...run(from, Math.min(8, from + size), from > 0));
      expect(parts).toEqual(whole);
    }
    // The window has ten steps: with the eleventh, the five before it are read again from the first position on.
    run(0, 8, false);
    run(0, 2, true);
    const eleventh = run(2, 3, true);
    const again = Int32Array.of(...tokens.subarray(5, 8), ...tokens.subarray(0, 3));
    expect(eleventh).toEqual(predictor.run({ steps: 6, tokens: again }).slice(-eleventh.length));
  });
});
