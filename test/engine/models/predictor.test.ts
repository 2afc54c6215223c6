import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { FormatError } from '../../../engine/errors.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import type { FloatTensors } from '../../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { Predictor } from '../../../engine/models/predictor.ts';
import type { EncodedInput, Task, TaskKind } from '../../../engine/tasks/task.ts';
import { traceView } from '../../../engine/team/traces.ts';
import { Session } from '../../../engine/training/session.ts';
import { expectNear } from '../../reference/close.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

const FLOAT32 = 1e-6;

/** An item of the validation part as the session has seen it, and what its model said. */
interface Answer {
  readonly input: EncodedInput;
  readonly outputs: Float32Array;
}

/** Trains a little and evaluates: the weights, and the answers for every item. */
async function trained(task: Task, experiment: Experiment): Promise<{ weights: FloatTensors; answers: Answer[] }> {
  const answers: Answer[] = [];
  const watched: Task = {
    ...task,
    evaluator: () => ({
      add(buffers, steps, items, { outputs }) {
        const B = buffers.batchSize;
        const width = task.output.kind === 'labels' ? task.output.labels.length : task.output.names.length;
        items.forEach((item, b) => {
          if (item < 0) return;
          const length = buffers.lengths[b]!;
          const rows = task.output.per === 'step' ? length : 1;
          answers.push({
            input: {
              steps: length,
              ...(buffers.tokens ? { tokens: column(buffers.tokens, length, B, b, 1) } : {}),
              ...(buffers.values
                ? { values: column(buffers.values, length, B, b, buffers.values.length / steps / B) }
                : {}),
              ...(buffers.conditions ? { condition: buffers.conditions[b]! } : {}),
            },
            outputs: column(outputs, rows, B, b, width),
          });
        });
      },
      finish: () => ({ metrics: [] }),
    }),
  };
  const core = await loadCore(coreFiles, { shared: false });
  const session = await Session.start({ core, experiment, task: watched, threads: 1 });
  onTestFinished(() => session.stop());
  for (let i = 0; i < 5; i++) session.step();
  session.evaluate();
  return { weights: session.parameters(), answers };
}

async function load(task: Task, experiment: Experiment, weights: FloatTensors, steps = 20): Promise<Predictor> {
  const core = await loadCore(coreFiles, { shared: false });
  return Predictor.load({ core, experiment, task, weights, steps, sourceName: 'model.safetensors', trace: true });
}

type Changes = Readonly<Record<string, JsonValue>>;

const MODELS: readonly (readonly [TaskKind, Changes])[] = [
  ['classification', { pooling: 'last', bidirectional: true }],
  ['classification', { pooling: 'mean', embeddingSize: 5, dropout: 0.5 }],
  ['classification', { pooling: 'max', cell: 'gru', layers: 2 }],
  ['tagging', { bidirectional: true, layers: 2, dropout: 0.4 }],
  ['regression', { cell: 'rnn', layers: 2 }],
  ['generation', { layers: 2, embeddingSize: 4 }],
];

describe.each(MODELS)('a predictor for %s, %o', (kind, model) => {
  test("gives each item the outputs of the training session's model", async () => {
    const task = smallTask(kind);
    const experiment = smallExperiment(model, { optimizer: { learningRate: 0.05 } });
    const { weights, answers } = await trained(task, experiment);
    const predictor = await load(task, experiment, weights);
    expect(answers.length).toBeGreaterThan(5);
    for (const { input, outputs } of answers) expectNear(predictor.run(input), outputs, FLOAT32, 'outputs');
  });
});

describe('a predictor', () => {
  test.each([
    ['language', { layers: 2 }],
    ['language', { cell: 'gru', embeddingSize: 3 }],
    ['generation', { cell: 'rnn' }],
    ['generation', { layers: 2 }],
  ] as const)('says the same symbol by symbol, in parts and as a whole: %s, %o', async (kind, model) => {
    const task = smallTask(kind);
    const experiment = smallExperiment(model);
    const predictor = await load(task, experiment, (await trained(task, experiment)).weights);
    const input = task.codec.encode(kind === 'language' ? 'the tide went' : { label: 'vowel', start: 'maple' });
    const tokens = input.tokens!;
    const whole = predictor.run(input);
    for (const size of [1, 2, 5]) {
      const parts: number[] = [];
      for (let from = 0; from < tokens.length; from += size) {
        const part = tokens.subarray(from, from + size);
        parts.push(...predictor.run({ ...input, steps: part.length, tokens: part }, from > 0));
      }
      expectNear(parts, whole, FLOAT32, `outputs by ${size}`);
    }
    expect(predictor.run(input)).toEqual(whole);
  });

  test('starts a generated sequence from its label', async () => {
    const task = smallTask('generation');
    const experiment = smallExperiment();
    const predictor = await load(task, experiment, (await trained(task, experiment)).weights);
    const [vowel, other] = ['vowel', 'other'].map((label) => predictor.run(task.codec.encode({ label })));
    expect(vowel).not.toEqual(other);
  });

  test('takes other weights of the same model', async () => {
    const task = smallTask('language');
    const experiment = smallExperiment();
    const { weights } = await trained(task, experiment);
    const doubled: FloatTensors = new Map(
      Array.from(weights, ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data: data.map((w) => 2 * w) }]),
    );
    const predictor = await load(task, experiment, weights);
    const input = task.codec.encode('the tide');
    const before = predictor.run(input);
    predictor.setWeights(doubled, 'other.safetensors');
    const after = predictor.run(input);
    expect(after).not.toEqual(before);
    expect((await load(task, experiment, doubled)).run(input)).toEqual(after);
    predictor.setWeights(weights, 'model.safetensors');
    expect(predictor.run(input)).toEqual(before);
  });

  test('shows the traces of its last input', async () => {
    const task = smallTask('language');
    const experiment = smallExperiment();
    const predictor = await load(task, experiment, (await trained(task, experiment)).weights);
    const outputs = predictor.run(task.codec.encode('tide'));
    const view = traceView(predictor.team, 'outputs');
    expect([view.steps, view.batch]).toEqual([4, 1]);
    expect(view.toArray()).toEqual(outputs);
    expect(
      traceView(predictor.team, 'recurrent.l0.forget')
        .toArray()
        .every((f) => f > 0 && f < 1),
    ).toBe(true);
  });

  test('refuses inputs longer than planned, and the weights of another model', async () => {
    const task = smallTask('language');
    const experiment = smallExperiment();
    const { weights } = await trained(task, experiment);
    const predictor = await load(task, experiment, weights, 3);
    expect(() => predictor.run(task.codec.encode('tide'))).toThrow('An input of 4 steps, where 3 were planned.');
    const larger = load(task, smallExperiment({ hiddenSize: 13 }), weights);
    await expect(larger).rejects.toThrow(FormatError);
    await expect(larger).rejects.toThrow(/^model\.safetensors belongs to a model of another architecture/);
  });
});

/** Of row-major [steps, B, width], the rows of item b. */
function column<A extends Int32Array | Float32Array>(from: A, steps: number, B: number, b: number, width: number): A {
  const out = from.slice(0, steps * width) as A;
  for (let t = 0; t < steps; t++) {
    const at = (t * B + b) * width;
    out.set(from.subarray(at, at + width), t * width);
  }
  return out;
}
