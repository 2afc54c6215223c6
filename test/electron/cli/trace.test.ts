import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { expectNear } from '../../reference/close.ts';
import { lstmForward } from '../../reference/lstm.ts';
import { Matrix } from '../../reference/matrix.ts';
import { temporaryFolder, unrolledHere } from './unrolled.ts';

const REBER = ['train', '--task', 'reber', '--hidden', '8', '--updates', '20', '--threads', '1', '--out', 'run'];

interface Traced {
  readonly steps: number;
  readonly units: number;
  readonly symbols: readonly string[];
  readonly holds: string;
  readonly traces: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly gradients?: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly loss: number | null;
}

async function traced(folder: string, ...flags: string[]): Promise<Traced> {
  const { status, stdout, stderr } = await unrolledHere(['trace', 'run', '--json', ...flags], folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Traced;
}

/** What the naive twin makes of the run's weights and the symbols. */
function twin(folder: string, { symbols, steps, units }: Traced, heldForget: number | null) {
  const path = join(folder, 'run/checkpoint.safetensors');
  const { model, taskState } = readCheckpoint(new Uint8Array(readFileSync(path)), path);
  const { input } = restoreCodec(taskState);
  const known = input.kind === 'tokens' ? input.symbols : [];
  const x = new Matrix(steps, known.length);
  symbols.forEach((symbol, t) => x.set(t, known.indexOf(symbol), 1));
  const tensor = (name: string) => {
    const { shape, data } = model.get(`recurrent.${name}_l0`)!;
    const [rows = 1, cols] = shape;
    return cols === undefined ? new Matrix(1, rows, data) : new Matrix(rows, cols, data);
  };
  const held = new Matrix(steps, 6 * units);
  held.data.fill(NaN);
  if (heldForget !== null) for (let j = 0; j < units; j++) held.set(1, units + j, heldForget);
  const parameters = {
    weightIh: tensor('weight_ih'),
    weightHh: tensor('weight_hh'),
    biasIh: tensor('bias_ih'),
    biasHh: tensor('bias_hh'),
  };
  const zero = new Matrix(1, units);
  return lstmForward({ steps, batch: 1, reverse: false, held }, x, parameters, zero, zero);
}

describe('trace', () => {
  test('prints the values that the naive twin computes, as they are and held', async () => {
    const folder = temporaryFolder();
    expect((await unrolledHere(REBER, folder)).status).toBe(0);
    const free = await traced(folder, '--item', '0', '--gradients');
    expect(free.symbols[0]).toBe('B');
    expect(free.gradients?.['hidden']).toHaveLength(free.steps);
    expect(free.loss).toBeGreaterThan(0);
    const own = twin(folder, free, null);
    expectNear(free.traces['hidden']!.flat(), own.h.data, 1e-5, 'hidden');
    expectNear(free.traces['cell']!.flat(), own.c.data, 1e-5, 'cell');

    const held = await traced(folder, '--item', '0', '--hold', 'forget=1@2');
    expect(held.holds).toBe('forget=1@2');
    expectNear(held.traces['hidden']!.flat(), twin(folder, held, 1).h.data, 1e-5, 'hidden, held');
    expect(await traced(folder, '--item', '0', '--clamp', 'forget=1@2')).toEqual(held);

    const second = free.symbols[1] === 'T' ? 'P' : 'T';
    const changed = await traced(folder, '--item', '0', '--change', `2="${second}"`);
    expect(changed.symbols).toEqual(free.symbols.with(1, second));
    expectNear(changed.traces['hidden']!.flat(), twin(folder, changed, null).h.data, 1e-5, 'hidden, changed');
    expect(changed.traces['hidden']![0]).toEqual(free.traces['hidden']![0]);
    expect(changed.traces['hidden']![1]).not.toEqual(free.traces['hidden']![1]);
  });

  test('shows one unit as a table, of typed input too', async () => {
    const folder = temporaryFolder();
    await unrolledHere(REBER, folder);
    const { stdout } = await unrolledHere(['trace', 'run', '--item', '1', '--unit', '3', '--gradients'], folder);
    expect(stdout).toMatch(
      /^reber, layer 1, unit 3 of 8\nstep +forget +input +candidate +output +cell +hidden +d forget/u,
    );
    expect(stdout).toMatch(/mean loss: \d/u);
  });

  test.each([
    [['--item', '0', '--unit', '9'], 'there is no unit 9: the layer has 8'],
    [['--item', '0', '--layer', '2'], 'there is no layer 2: the model has 1'],
    [['--item', '0', '--hold', 'reset=1'], 'which this cell does not have'],
    [['--item', '0', '--reverse'], 'it has no reverse direction'],
    [[], 'either --input'],
  ])('says what is wrong with %j', async (flags, reason) => {
    const folder = temporaryFolder();
    await unrolledHere(REBER, folder);
    const { status, stderr } = await unrolledHere(['trace', 'run', ...flags], folder);
    expect(status).not.toBe(0);
    expect(stderr).toContain(reason);
  });
});

describe('units', () => {
  test('ranks the units that track a property', async () => {
    const folder = temporaryFolder();
    await unrolledHere(REBER, folder);
    const { status, stdout } = await unrolledHere(
      ['units', 'run', '--property', 'is B', '--top', '3', '--json'],
      folder,
    );
    expect(status).toBe(0);
    const { properties } = JSON.parse(stdout) as { properties: { property: string; units: { area: number }[] }[] };
    expect(properties.map(({ property }) => property)).toEqual(['is B']);
    const strengths = properties[0]!.units.map(({ area }) => Math.abs(area - 0.5));
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
    expect(strengths).toHaveLength(3);
    const table = await unrolledHere(['units', 'run', '--items', '30'], folder);
    expect(table.stdout).toMatch(/second T +\d/u);
  });

  test('says which properties there are', async () => {
    const folder = temporaryFolder();
    await unrolledHere(REBER, folder);
    const { stderr } = await unrolledHere(['units', 'run', '--property', 'second t'], folder);
    expect(stderr).toContain('did you mean "second T"?');
  });
});
