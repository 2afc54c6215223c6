import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startModelThread } from '../../../electron/core/threads.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { InputError } from '../../../engine/errors.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { JsonValue } from '../../../engine/json.ts';
import type { TaskData } from '../../../engine/tasks/data.ts';
import { makeTask } from '../../../engine/tasks/registry.ts';
import { outlineTask, outlineTraining } from '../../../engine/training/outline.ts';
import { Session } from '../../../engine/training/session.ts';

const TEXT: TaskData = { form: 'text', text: 'the quick brown fox jumps over the lazy dog. '.repeat(30) };
const NAMES: TaskData = {
  form: 'labelled',
  items: Array.from({ length: 90 }, (_, n) => ({
    text: `${'ab'.repeat((n % 5) + 1)}${n}`,
    label: n % 2 ? 'odd' : 'even',
  })),
};
const SERIES: TaskData = {
  form: 'series',
  interval: 'month',
  points: Array.from({ length: 120 }, (_, n) => ({
    date: `${2000 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}-01`,
    value: n,
  })),
};

type Section = Readonly<Record<string, JsonValue>>;

function experimentOf(task: Section, model: Section, training: Section) {
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task,
    model: { hiddenSize: 12, ...model },
    training: { batchSize: 5, ...('epochs' in training ? {} : { updates: 7 }), ...training },
  });
}

const own = (id: string) => ({ id, dataset: 'mine' });

const CASES: readonly (readonly [string, TaskData | null, ReturnType<typeof experimentOf>, readonly string[]])[] = [
  [
    'a text',
    TEXT,
    experimentOf(own('own-text'), { cell: 'lstm' }, { steps: 16 }),
    ['input', 'recurrent.l0', 'head', 'outputs'],
  ],
  [
    'a text, embedded, two layers, dropout',
    TEXT,
    experimentOf(own('own-text'), { cell: 'gru', embeddingSize: 9, layers: 2, dropout: 0.2 }, { steps: 10, epochs: 3 }),
    ['input', 'embedding', 'recurrent.l0', 'dropout.l0', 'recurrent.l1', 'dropout', 'head', 'outputs'],
  ],
  [
    'classes, both directions',
    NAMES,
    experimentOf(
      own('own-classification'),
      { cell: 'lstm', bidirectional: true, layers: 2, pooling: 'mean' },
      { optimizer: { kind: 'sgd', momentum: 0.9 } },
    ),
    ['input', 'recurrent.l0', 'recurrent.l1', 'pooled', 'head', 'outputs'],
  ],
  [
    'names to grow',
    NAMES,
    experimentOf(own('own-generation'), { cell: 'rnn' }, { optimizer: { kind: 'sgd' } }),
    ['input', 'initial', 'recurrent.l0', 'head', 'outputs'],
  ],
  [
    'a series',
    SERIES,
    experimentOf(own('own-forecasting'), { cell: 'gru' }, {}),
    ['input', 'recurrent.l0', 'pooled', 'head', 'outputs'],
  ],
  [
    'an endless task',
    null,
    experimentOf({ id: 'parity', length: 10 }, { cell: 'rnn' }, {}),
    ['input', 'recurrent.l0', 'head', 'outputs'],
  ],
];

describe.each(CASES)('the outline of %s', (_what, data, experiment, names) => {
  test.each([1, 2, 3])('is what a session of %d threads comes to be', async (threads) => {
    const task = makeTask(experiment.task, experiment.seed, data);
    const core = await loadCore(coreFiles, { shared: threads > 1 });
    const session = await Session.start({ core, experiment, task, threads, startThread: startModelThread });
    try {
      const outline = outlineTraining(experiment, structuredClone(outlineTask(task)), threads);
      expect(outline).toMatchObject({
        spec: session.spec,
        parameters: session.parameterCount,
        memoryBytes: session.memoryBytes,
        plan: session.plan,
        updatesPerEpoch: session.updatesPerEpoch,
      });
      expect(outline.layers.map(({ name }) => name)).toEqual(names);
      expect(outline.layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(session.parameterCount);
      const known = new Set(names);
      expect(outline.layers.flatMap(({ inputs }) => inputs).every((input) => known.has(input))).toBe(true);
    } finally {
      await session.stop();
    }
  });
});

test('a model that cannot do the task is refused', () => {
  const experiment = experimentOf(own('own-text'), { cell: 'lstm', bidirectional: true }, {});
  const task = outlineTask(makeTask(experiment.task, 1, TEXT));
  expect(() => outlineTraining(experiment, task, 1)).toThrow(InputError);
  expect(() => outlineTraining(experiment, task, 1)).toThrow('model.bidirectional is true');
});
