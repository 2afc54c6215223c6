import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startModelThread } from '../../../electron/core/threads.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { DivergenceError, FormatError, InputError } from '../../../engine/errors.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../../engine/json.ts';
import type { Task, TaskKind } from '../../../engine/tasks/task.ts';
import { Session } from '../../../engine/training/session.ts';
import { expectNear } from '../../reference/close.ts';
import { smallExperiment, smallTask } from './small-tasks.ts';

const KINDS: readonly TaskKind[] = ['language', 'classification', 'tagging', 'regression', 'generation', 'translation'];

async function start(task: Task, experiment: Experiment, threads = 1, checkpoint?: Checkpoint): Promise<Session> {
  const core = await loadCore(coreFiles, { shared: threads > 1 });
  const session = await Session.start({
    core,
    experiment,
    task,
    threads,
    startThread: startModelThread,
    checkpointName: 'old.safetensors',
    ...(checkpoint ? { checkpoint } : {}),
  });
  onTestFinished(() => session.stop());
  return session;
}

function run(session: Session, updates: number): void {
  for (let i = 0; i < updates; i++) session.step();
}

describe('a session', () => {
  test.each(KINDS)('learns a small task: %s', async (kind) => {
    const made = smallTask(kind);
    // What so few examples teach does not carry far: evaluated is what was seen, where that has an end.
    const endless = made.train.form === 'set' && made.train.count === Infinity;
    const task = endless || kind === 'translation' ? made : { ...made, validation: made.train };
    const experiment = smallExperiment(
      {
        hiddenSize: 24,
        embeddingSize: kind === 'regression' ? 0 : 8,
        ...(kind === 'translation' ? { architecture: 'encoder-decoder' } : {}),
      },
      { updates: 150, optimizer: { learningRate: 0.01 } },
    );
    const session = await start(task, experiment, kind === 'tagging' ? 2 : 1);
    const before = session.evaluate().metrics;
    const losses: number[] = [];
    while (!session.finished) losses.push(session.step().loss);
    expect(losses.length).toBe(150);
    const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.7 * mean(losses.slice(0, 10)));
    const [metric] = session.evaluate().metrics;
    if (metric!.better === 'lower') expect(metric!.value).toBeLessThan(before[0]!.value);
    else expect(metric!.value).toBeGreaterThan(before[0]!.value);
  });

  const TRANSFORMER = { architecture: 'transformer', modelSize: 16, heads: 2, layers: 1, cell: null, hiddenSize: null };
  test.each([
    [
      'translation',
      { architecture: 'encoder-decoder', attention: 'additive', bidirectional: true, embeddingSize: 8 },
      {},
    ],
    ['translation', { architecture: 'encoder-decoder', attention: 'scaled-dot' }, { teacherForcing: 0.7 }],
    ['translation', TRANSFORMER, {}],
    ['language', TRANSFORMER, {}],
    ['classification', { ...TRANSFORMER, positions: 'learned', maxPositions: 20 }, {}],
    ['tagging', TRANSFORMER, {}],
  ] as const)('learns a small task with any architecture: %s, %j', async (kind, model, training) => {
    const schedule = { updates: 120, optimizer: { learningRate: 0.01 }, ...training };
    const session = await start(smallTask(kind), smallExperiment(model, schedule), 2);
    const losses: number[] = [];
    while (!session.finished) losses.push(session.step().loss);
    const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.7 * mean(losses.slice(0, 10)));
    expect(session.evaluate().metrics.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  test('reports each update', async () => {
    const task = smallTask('language');
    const session = await start(task, smallExperiment({}, { updates: 9, schedule: { kind: 'constant', warmup: 4 } }));
    const length = task.train.form === 'stream' ? task.train.tokens.length - 1 : 0;
    expect(session.updatesPerEpoch).toBe(Math.ceil(Math.ceil(length / 8) / 10));
    const reports = Array.from({ length: 9 }, () => session.step());
    expect(reports.map(({ update }) => update)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(reports.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect(reports.map(({ learningRate }) => learningRate * 1000)).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1]);
    expect(reports.slice(0, 5).reduce((sum, { tokens }) => sum + tokens, 0)).toBe(length);
    const symbols = session.spec.input.kind === 'tokens' ? session.spec.input.symbols : 0;
    expect(Math.abs(reports[0]!.loss - Math.log(symbols))).toBeLessThan(0.3);
    for (const { gradientNorm } of reports) expect(gradientNorm).toBeGreaterThan(0);
    expect(session.finished).toBe(true);
  });

  test.each(['classification', 'tagging', 'generation'] as const)(
    'takes the mean over the targets that count: %s',
    async (kind) => {
      const task = smallTask(kind);
      if (task.validation.form !== 'set') throw new Error('This kind of task has sets.');
      const whole = { ...task, train: task.validation };
      const session = await start(whole, smallExperiment({}, { batchSize: task.validation.count + 3 }));
      const evaluated = session.evaluate().metrics.map(({ name, value }) => [name, value] as const);
      const figures = new Map(evaluated);
      const bits = figures.get('bitsPerCharacter');
      const nats = bits === undefined ? figures.get('crossEntropy')! : bits * Math.LN2;
      expectNear([session.step().loss], [nats], 1e-6, 'loss');
    },
  );

  test('tells the optimizer which update it is', async () => {
    const task = smallTask('classification');
    const optimizer = { kind: 'sgd', momentum: 0.5, learningRate: 1e-30 };
    // All examples in every batch, and weights that stay as they are: the gradient is always the same.
    const session = await start(task, smallExperiment({}, { batchSize: 64, clipNorm: 0, optimizer }));
    for (const velocity of [1, 1.5, 1.75]) {
      const { gradientNorm } = session.step();
      const buffers = [...session.checkpoint().optimizer.get('momentum_buffer')!.values()];
      const squares = buffers.flatMap(({ data }) => Array.from(data, (value) => value * value));
      const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      expectNear([norm / gradientNorm], [velocity], 1e-5, 'velocity');
    }
  });

  test('uses no more threads than a batch has items', async () => {
    const session = await start(smallTask('classification'), smallExperiment({}, { batchSize: 1 }), 2);
    expect(session.team.threads).toBe(1);
    expect(Number.isFinite(session.step().loss)).toBe(true);
  });

  test('refuses experiments that do not suit the task', async () => {
    await expect(start(smallTask('language'), smallExperiment({ bidirectional: true }))).rejects.toThrow(InputError);
    await expect(start(smallTask('regression'), smallExperiment({ embeddingSize: 4 }))).rejects.toThrow(InputError);
    const { epochs, updates, ...rest } = { epochs: 2, ...smallExperiment().training };
    const endless = { ...smallExperiment(), training: { ...rest, epochs } };
    expect(updates).toBe(12);
    await expect(start(smallTask('regression'), endless)).rejects.toThrow(/^training\.epochs is 2, but/);
  });
});

type Changes = Readonly<Record<string, JsonValue>>;

/** What a run depends on: carried state, shuffling, examples without end, dropout, momentum, schedules. */
const RUNS: readonly (readonly [TaskKind, Changes, Changes])[] = [
  ['language', { layers: 2, dropout: 0.3 }, { schedule: { kind: 'cosine', warmup: 3 } }],
  ['language', { cell: 'gru', embeddingSize: 5 }, { stateful: false, optimizer: { kind: 'rmsprop' } }],
  ['language', { cell: 'rnn' }, { optimizer: { kind: 'rmsprop', momentum: 0.9, centered: true } }],
  ['tagging', { bidirectional: true, layers: 2, dropout: 0.3 }, { optimizer: { kind: 'sgd', momentum: 0.9 } }],
  ['classification', { cell: 'rnn', pooling: 'max' }, { optimizer: { kind: 'adamw', weightDecay: 0.1 } }],
  ['regression', { dropout: 0.2 }, { clipNorm: 0, optimizer: { kind: 'sgd' } }],
  ['generation', { layers: 2, embeddingSize: 4 }, {}],
];

describe.each(RUNS)('a run: %s, %o, %o', (kind, model, training) => {
  const experiment = smallExperiment(model, training);
  const total = 12;

  test.each([1, 2])('goes on from any checkpoint bit for bit; threads: %i', async (threads) => {
    const whole = await start(smallTask(kind), experiment, threads);
    const files = [writeCheckpoint(whole.checkpoint())];
    for (let update = 1; update <= total; update++) {
      whole.step();
      files.push(writeCheckpoint(whole.checkpoint()));
    }
    for (const from of threads === 1 ? [0, 1, 2, 3, 5, 8, 11] : [1, 6]) {
      const checkpoint = readCheckpoint(files[from]!, 'a checkpoint');
      const resumed = await start(smallTask(kind), experiment, threads, checkpoint);
      expect(resumed.update).toBe(from);
      expect(writeCheckpoint(resumed.checkpoint())).toEqual(files[from]);
      run(resumed, total - from);
      expect(writeCheckpoint(resumed.checkpoint())).toEqual(files[total]);
    }
  });

  test('is not changed by evaluations in between, whole or given up', async () => {
    const [watched, alone] = [await start(smallTask(kind), experiment), await start(smallTask(kind), experiment)];
    for (let update = 0; update < total; update++) {
      const evaluation = watched.evaluation();
      evaluation.next();
      evaluation.return({ metrics: [], best: false, stop: false });
      expect(watched.evaluate().metrics).toEqual(watched.evaluate().metrics);
      expect(watched.step()).toEqual(alone.step());
    }
    const [seen, unseen] = [watched.checkpoint(), alone.checkpoint()];
    expect([seen.model, seen.optimizer, seen.state]).toEqual([unseen.model, unseen.optimizer, unseen.state]);
    expect(seen.progress.position).toEqual(unseen.progress.position);
  });

  test('follows from its seed', async () => {
    const [one, same, other] = [
      await start(smallTask(kind), experiment),
      await start(smallTask(kind), experiment),
      await start(smallTask(kind), { ...experiment, seed: 12 }),
    ];
    for (const session of [one, same, other]) run(session, 3);
    expect(same.parameters()).toEqual(one.parameters());
    expect(other.parameters()).not.toEqual(one.parameters());
  });
});

describe('training that diverges', () => {
  test.each([
    ['language', { cell: 'rnn', nonlinearity: 'relu' }],
    ['regression', { cell: 'rnn', nonlinearity: 'relu' }],
    ['tagging', { cell: 'rnn', nonlinearity: 'relu', layers: 2, bidirectional: true }],
  ] as const)('ends in a sentence and leaves finite weights: %s, %o', async (kind, model) => {
    const session = await start(
      smallTask(kind),
      smallExperiment(model, { updates: 300, clipNorm: 0, optimizer: { kind: 'sgd', learningRate: 100 } }),
    );
    const train = () => {
      while (!session.finished) session.step();
    };
    expect(train).toThrow(DivergenceError);
    for (const [name, { data }] of session.parameters()) expect(data.every(Number.isFinite), name).toBe(true);
  });

  test('keeps the weights that it had before an update whose gradient is no number', async () => {
    const session = await start(smallTask('regression'), smallExperiment());
    run(session, 2);
    const before = session.parameters();
    const checkpoint = session.checkpoint();
    const bias = { shape: [1], data: Float32Array.of(NaN) };
    const spoiled: Checkpoint = {
      ...checkpoint,
      model: new Map([...checkpoint.model, ['head.bias', bias]]),
    };
    const broken = await start(smallTask('regression'), smallExperiment(), 1, spoiled);
    expect(() => broken.step()).toThrow(/^training diverged at update 3: the loss became not a number \(NaN\)$/);
    for (const [name, { data }] of broken.parameters()) {
      if (name !== 'head.bias') expect(data, name).toEqual(before.get(name)!.data);
    }
  });
});

describe('a checkpoint', () => {
  const of = async (model: Changes, training: Changes = {}, kind: TaskKind = 'language') => {
    const session = await start(smallTask(kind), smallExperiment(model, training));
    run(session, 2);
    return session.checkpoint();
  };

  test.each([
    [{ hiddenSize: 13 }, {}, /tensor "recurrent\.weight_ih_l0" has shape \[48, \d+\], this model's has \[52, \d+\]/],
    [{ layers: 2 }, {}, /it has no tensor "recurrent\.weight_ih_l1"/],
    [{ cell: 'gru' }, {}, /has shape \[48, \d+\], this model's has \[36, \d+\]/],
    [{ embeddingSize: 4 }, {}, /it has no tensor "embedding\.weight"/],
    [{}, { optimizer: { kind: 'rmsprop' } }, /\(optimizer\.square_avg\).*it has no tensor/],
    [{}, { batchSize: 9 }, /\(carried state\).*tensor "h\.0" has shape \[8, 12\], this model's has \[9, 12\]/],
  ] as const)('of another architecture is refused: %o, %o', async (model, training, sentence) => {
    const checkpoint = await of({});
    const refused = start(smallTask('language'), smallExperiment(model, training), 1, checkpoint);
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(/^old\.safetensors/);
    await expect(refused).rejects.toThrow(sentence);
  });

  test('with more than the model has is refused', async () => {
    const checkpoint = await of({ layers: 2 });
    const refused = start(smallTask('language'), smallExperiment(), 1, checkpoint);
    await expect(refused).rejects.toThrow(/this model has no tensor "recurrent\.weight_ih_l1"/);
  });

  test('says what computed it and where it stands', async () => {
    const { progress, build, optimizer, state } = await of({ layers: 2 });
    expect(progress).toMatchObject({ update: 2, position: { epoch: 0, batch: 2 } });
    expect(build.threads).toBe(1);
    expect([...optimizer.keys()]).toEqual(['exp_avg', 'exp_avg_sq']);
    expect([...state.keys()]).toEqual(['h.0', 'c.0', 'h.1', 'c.1']);
    for (const { data } of state.values()) expect(data.some((value) => value !== 0)).toBe(true);
  });
});
