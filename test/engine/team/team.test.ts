import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startThreadWith } from '../../../electron/core/threads.ts';
import { loadCore } from '../../../engine/core/load.ts';
import type { Network } from '../../../engine/team/network.ts';
import type { OptimizerSpec } from '../../../engine/team/optimizer.ts';
import { readParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { Team } from '../../../engine/team/team.ts';
import { expectNear } from '../../reference/close.ts';
import { modelSpec, randomBatch, RunningModel } from '../models/running-model.ts';
import { buildConstant, SIZE, type ConstantSpec } from './constant-network.ts';

const startThread = startThreadWith<ConstantSpec>(new URL('./constant-thread.ts', import.meta.url));
const SGD: OptimizerSpec = { kind: 'sgd', momentum: 0.5, nesterov: false, weightDecay: 0 };

async function startConstant(spec: ConstantSpec, threads: number, start = startThread): Promise<Team<Network>> {
  const core = await loadCore(coreFiles, { shared: threads > 1 });
  const team = await Team.start({
    core,
    spec,
    build: buildConstant,
    batchSize: threads,
    threads,
    optimizer: SGD,
    startThread: start,
  });
  onTestFinished(() => team.stop());
  const { control } = team;
  control.setValue('learningRate', 0.25);
  control.setValue('clipNorm', 0);
  return team;
}

/** The parameter, or what lies at the same place of another region. */
function read({ core, layout }: Team<Network>, offset = 0): Float32Array {
  return readParameter(core.f32, layout.parameters.list[0]!, offset);
}

const filledWith = (value: number) => new Float32Array(SIZE).fill(value);

describe.each([1, 2, 3, 4])('a team of %i', (threads) => {
  const ofThreads = (values: readonly number[]) => values.slice(0, threads);
  const gradients = ofThreads([1, -3, 0.5, 8]);
  const sum = gradients.reduce((total, value) => total + value, 0);

  test("adds the threads' losses and gradients", async () => {
    const team = await startConstant({ losses: ofThreads([0.5, 20, 300, 4000]), gradients }, threads);
    team.run(COMMANDS.forward);
    expect(team.control.loss(threads)).toBe([0, 0.5, 20.5, 320.5, 4320.5][threads]);
    team.run(COMMANDS.gradients);
    expect(read(team, team.layout.placed[0]!.plan.gradientOffset)).toEqual(filledWith(sum));
    expect(team.control.squares(threads)).toBe(SIZE * sum * sum);
    expect(read(team)).toEqual(filledWith(0));
  });

  test('takes optimizer steps, clipped to a global norm', async () => {
    const team = await startConstant({ losses: [], gradients }, threads);
    team.control.setWord('update', 0);
    team.run(COMMANDS.train);
    expect(read(team)).toEqual(filledWith(-0.25 * sum));
    expect(read(team, team.layout.slotBytes)).toEqual(filledWith(sum));
    team.control.setWord('update', 1);
    team.control.setValue('clipNorm', 0.01);
    team.run(COMMANDS.train);
    const clipped = (Math.sign(sum) * 0.01) / Math.sqrt(SIZE);
    const velocity = 0.5 * sum + clipped;
    expectNear(read(team), filledWith(-0.25 * (sum + velocity)), 1e-6, 'weight');
  });

  test.each([NaN, Infinity])('leaves weights and optimizer alone where a gradient is %f', async (value) => {
    const spoiled = gradients.map((gradient, thread) => (thread === threads - 1 ? value : gradient));
    const team = await startConstant({ losses: [], gradients: spoiled }, threads);
    team.core.f32.fill(1.5, team.layout.parameters.start / 4, (team.layout.parameters.start + 128) / 4);
    team.run(COMMANDS.train);
    expect(team.control.squares(threads)).toBe(value);
    expect(read(team)).toEqual(filledWith(1.5));
    expect(read(team, team.layout.slotBytes)).toEqual(filledWith(0));
  });
});

describe('an update that no training survives', () => {
  test.each([
    { what: 'the loss is not a number', losses: [1, NaN], gradients: [1, 1], clipNorm: 0 },
    { what: 'the loss is infinite', losses: [Infinity, 1], gradients: [1, 1], clipNorm: 1 },
    { what: 'an unclipped gradient has exploded', losses: [1, 1], gradients: [1e10, 1], clipNorm: 0 },
  ])('changes nothing: $what', async ({ losses, gradients, clipNorm }) => {
    const team = await startConstant({ losses, gradients }, 2);
    team.control.setValue('clipNorm', clipNorm);
    team.run(COMMANDS.train);
    expect(read(team)).toEqual(filledWith(0));
    expect(read(team, team.layout.slotBytes)).toEqual(filledWith(0));
  });

  test('is not one whose gradient is clipped, however long', async () => {
    const team = await startConstant({ losses: [1, 1], gradients: [1e15, 1e15] }, 2);
    team.control.setValue('clipNorm', 1);
    team.run(COMMANDS.train);
    expectNear(read(team), filledWith(-0.25 / Math.sqrt(SIZE)), 1e-6, 'weight');
  });
});

describe('a team that is stopped', () => {
  test('lets its threads leave by themselves', async () => {
    const ends: string[] = [];
    const team = await startConstant({ losses: [], gradients: [1, 1, 1] }, 3, async (message) => {
      const thread = await startThread(message);
      return {
        async ended() {
          await thread.ended();
          ends.push('left');
        },
        async stop() {
          await thread.stop();
          ends.push('cut off');
        },
      };
    });
    team.run(COMMANDS.train);
    await team.stop();
    expect(ends).toEqual(['left', 'left']);
    expect(() => {
      team.run(COMMANDS.train);
    }).toThrow();
  });
});

describe('threads that serve one team after the other', () => {
  const spec = { losses: [1, 2, 4], gradients: [1, -3, 0.5] };

  async function trainOnce(): Promise<Float32Array> {
    const team = await startConstant(spec, 3);
    team.run(COMMANDS.train);
    const weights = read(team);
    await team.stop();
    return weights;
  }

  test('give each what it would have had alone', async () => {
    for (let team = 0; team < 5; team++) expect(await trainOnce()).toEqual(filledWith(0.25 * 1.5));
  });

  test('are not taken from the next by stopping the last again', async () => {
    const first = await startConstant(spec, 3);
    await first.stop();
    const second = await startConstant(spec, 3);
    await first.stop();
    second.run(COMMANDS.forward);
    expect(second.control.loss(3)).toBe(7);
  });

  test('are new ones where the last has failed', async () => {
    const failing = await startConstant({ ...spec, failing: { thread: 1, at: 'forward' } }, 3);
    expect(() => {
      failing.run(COMMANDS.train);
    }).toThrow('A thread of the team has failed.');
    await failing.stop();
    expect(await trainOnce()).toEqual(filledWith(0.25 * 1.5));
  });
});

describe('a thread that fails', () => {
  const spec = { losses: [1, 1, 1], gradients: [1, 1, 1] };

  test.each([
    { threads: 2, at: 'forward' },
    { threads: 2, at: 'backward' },
    { threads: 3, at: 'forward' },
    { threads: 3, at: 'backward' },
  ] as const)('ends the run that waits for it: $at, threads: $threads', async ({ threads, at }) => {
    const team = await startConstant({ ...spec, failing: { thread: 1, at } }, threads);
    const failed = 'A thread of the team has failed.';
    expect(() => {
      team.run(COMMANDS.train);
    }).toThrow(failed);
    expect(() => {
      team.run(COMMANDS.train);
    }).toThrow(failed);
  });

  test("is the caller's own: its error comes out, and the team does nothing more", async () => {
    const team = await startConstant({ ...spec, failing: { thread: 0, at: 'backward' } }, 2);
    expect(() => {
      team.run(COMMANDS.train);
    }).toThrow('Thread 0 fails.');
    expect(() => {
      team.run(COMMANDS.forward);
    }).toThrow('A thread of the team has failed.');
  });

  test('keeps the team from starting where it cannot build its share', async () => {
    const start = startConstant({ ...spec, failing: { thread: 2, at: 'build' } }, 3);
    await expect(start).rejects.toThrow('Thread 2 fails.');
  });
});

describe('a team', () => {
  test('needs shared memory and a way to start threads for more than one', async () => {
    const options = { spec: { losses: [], gradients: [] }, build: buildConstant, batchSize: 2, optimizer: SGD };
    const own = await loadCore(coreFiles, { shared: false, build: 'relaxed' });
    await expect(Team.start({ ...options, core: own, threads: 2, startThread })).rejects.toThrow(
      'The build "relaxed" runs on one thread, not on 2.',
    );
    const shared = await loadCore(coreFiles, { shared: true });
    await expect(Team.start({ ...options, core: shared, threads: 2 })).rejects.toMatchObject({ code: 'no-threads' });
  });

  test('runs with more threads than items', async () => {
    const spec = modelSpec({ batchSize: 2, layers: 2 });
    const [few, many] = [await trained(spec, 2), await trained(spec, 3)];
    for (const [name, values] of few) expectNear(many.get(name)!, values, 1e-4, name);
  });
});

describe('training', () => {
  const spec = modelSpec({ batchSize: 5, layers: 2, embeddingSize: 3, dropout: true });

  test.each([1, 2, 3])('gives the same bits whenever it is run; threads: %i', async (threads) => {
    expect(await trained(spec, threads)).toEqual(await trained(spec, threads));
  });

  test.each([2, 3])('gives the same weights on 1 and %i threads, but for rounding', async (threads) => {
    const [one, several] = [await trained(spec, 1), await trained(spec, threads)];
    for (const [name, values] of one) expectNear(several.get(name)!, values, 1e-4, name);
  });

  test('keeps what the core pads with at zero', async () => {
    const model = await RunningModel.start(spec, 2);
    train(model, 20);
    for (const { name, shape } of model.team.layout.parameters.list) {
      model.write(name, new Float32Array(shape.reduce((product, size) => product * size, 1)));
    }
    const { start, bytes } = model.team.layout.parameters;
    const region = model.team.core.f32.subarray(start / 4, (start + bytes) / 4);
    expect(region.filter((value) => value !== 0).length).toBe(0);
  });
});

/** Updates on as many random batches, with dropout. */
function train(model: RunningModel, updates: number): void {
  model.fill(1);
  const { control } = model.team;
  control.setValue('learningRate', 0.01);
  control.setValue('clipNorm', 1);
  for (let update = 0; update < updates; update++) {
    const batch = randomBatch(model.spec, update);
    model.run(COMMANDS.train, batch, { lossScale: 0.05, dropout: { rate: 0.3, update } });
  }
}

async function trained(spec: Parameters<typeof RunningModel.start>[0], threads: number) {
  const model = await RunningModel.start(spec, threads);
  train(model, 20);
  return model.parameters();
}
