import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { InputError } from '../../engine/errors.ts';
import { GOLDEN_FOLDER } from '../golden/cases.ts';
import { parseCase, type GoldenCase, type Tensor } from './case.ts';
import { compareTensors, worstOf, type ComputedTensor } from './compare.ts';
import { parseFlags } from './flags.ts';
import { runCase } from './run.ts';

describe('a comparison', () => {
  const want = { y: tensor([2, 2], [1, -2, 0, 100]) };
  const compare = (y: ComputedTensor | undefined) => {
    const [comparison] = compareTensors(want, y ? { y } : {}, 'grads.');
    return comparison!;
  };

  test('passes within 1e-5 + 1e-4 |want| and measures the worst element', () => {
    const { worst, reason } = compare({ shape: [2, 2], data: [1, -2.0002, 0, 100.009] });
    expect(reason).toBeUndefined();
    expect(worst?.tensor).toBe('grads.y');
    expect(worst?.absolute).toBeCloseTo(0.0002, 10);
    expect(worst?.relative).toBeCloseTo(0.0001, 10);
  });

  test.each([
    [
      'an element beyond the tolerance',
      { shape: [2, 2], data: [1, -2, 0.000011, 100] },
      'grads.y[2] is 0.000011, not 0',
    ],
    ['NaN', { shape: [2, 2], data: [1, NaN, 0, 100] }, 'grads.y[1] is NaN, not -2'],
    ['infinity', { shape: [2, 2], data: [1, -2, 0, Infinity] }, 'grads.y[3] is Infinity, not 100'],
    ['another shape', { shape: [4], data: [1, -2, 0, 100] }, 'grads.y is [4], not [2, 2]'],
    ['too few elements', { shape: [2, 2], data: [1, -2, 0] }, 'grads.y has 3 elements, not 4'],
    ['a missing tensor', undefined, 'grads.y was not computed'],
  ])('fails for %s', (_, got, reason) => {
    expect(compare(got).reason).toBe(reason);
  });

  test('finds what is worst: a tensor that cannot be measured before any deviation', () => {
    const near = compare({ shape: [2, 2], data: [1, -2, 0, 100.001] });
    const far = compare({ shape: [2, 2], data: [1, -2, 0, 101] });
    const missing = compare(undefined);
    expect(worstOf([near, far])).toBe(far);
    expect(worstOf([far, near])).toBe(far);
    expect(worstOf([far, missing, near])).toBe(missing);
  });
});

describe('a case', () => {
  const valid = { name: 'n', op: 'linear', outputs: { y: tensor([1], [2]) } };

  test('is read with what it leaves out empty', () => {
    expect(parseCase(JSON.stringify(valid), 'f')).toEqual({
      ...valid,
      config: {},
      inputs: {},
      params: {},
      upstream: {},
      grads: {},
    });
  });

  test.each([
    ['no JSON', '{', /^f: not JSON: /],
    ['a list', '[]', /^f: name: /],
    ['no outputs', JSON.stringify({ ...valid, outputs: {} }), /^f: outputs: a case must expect at least one output/],
    [
      'data that does not fill its shape',
      JSON.stringify({ ...valid, outputs: { y: tensor([3], [1]) } }),
      /^f: outputs\.y: 1 values do not fill the shape \[3\]/,
    ],
    ['a number beyond float64', JSON.stringify(valid).replace('[2]', '[1e999]'), /^f: outputs\.y\.data\.0: /],
    [
      'an i32 tensor of fractions',
      JSON.stringify({ ...valid, inputs: { x: { ...tensor([1], [0.5]), dtype: 'i32' } } }),
      /^f: inputs\.x: an i32 tensor holds a value that is not a 32-bit integer/,
    ],
  ])('is refused: %s', (_, text, message) => {
    expect(() => parseCase(text, 'f')).toThrow(InputError);
    expect(() => parseCase(text, 'f')).toThrow(message);
  });
});

describe('the flags', () => {
  test('are read', () => {
    expect(parseFlags(['d'])).toEqual({ folder: 'd', json: false, build: undefined, threads: 1 });
    expect(parseFlags(['--json', 'd', '--build', 'relaxed-shared', '--threads', '2'])).toEqual({
      folder: 'd',
      json: true,
      build: 'relaxed-shared',
      threads: 2,
    });
  });

  test.each([
    [[], /folder with the cases is missing/],
    [['a', 'b'], /One folder is enough: "b"/],
    [['d', '--fast'], /--fast/],
    [['d', '--threads', '0'], /--threads is "0", and must be a whole number from 1 to 64/],
    [['d', '--threads', 'two'], /--threads is "two"/],
    [['d', '--build', 'best'], /--build is "best", and must be one of relaxed-shared, /],
    [['d', '--build', 'baseline', '--threads', '2'], /"baseline" runs on one thread, not on 2/],
  ])('are refused: %j', (args, message) => {
    expect(() => parseFlags(args)).toThrow(InputError);
    expect(() => parseFlags(args)).toThrow(message);
  });
});

describe('what a case says and its operation does not know makes it fail', () => {
  const run = async (name: string, change: object) => {
    const golden = parseCase(await readFile(join(GOLDEN_FOLDER, `${name}.json`), 'utf8'), name);
    const core = await loadCore(coreFiles, { shared: false });
    const changed = { ...golden, ...change, config: { ...golden.config, ...(change as Partial<GoldenCase>).config } };
    return runCase(changed, { core, threads: 1 });
  };

  test.each([
    ['sgd-plain', { config: { dampening: 0.5 } }, 'config.dampening is not known to the operation "optimizer"'],
    ['sgd-plain', { config: { centered: true } }, 'config.centered is not known to the operation "optimizer"'],
    ['adam', { config: { amsgrad: true } }, 'config.amsgrad is not known to the operation "optimizer"'],
    ['lstm-1layer', { config: { projSize: 3 } }, 'config.projSize is not known to the operation "lstm"'],
    ['linear', { config: { bias: false } }, 'config.bias is not known to the operation "linear"'],
    ['linear', { upstream: { z: tensor([1], [1]) } }, 'upstream.z belongs to no output of the case'],
  ])('%s with %j', async (name, change, reason) => {
    expect(await run(name, {})).toMatchObject({ status: 'pass' });
    expect(await run(name, change)).toMatchObject({ status: 'fail', reason });
  });

  test('also a tensor among the inputs', async () => {
    const { inputs } = parseCase(await readFile(join(GOLDEN_FOLDER, 'sgd-plain.json'), 'utf8'), 'sgd-plain');
    const verdict = await run('sgd-plain', { inputs: { ...inputs, buffer: tensor([1], [1]) } });
    expect(verdict).toMatchObject({
      status: 'fail',
      reason: 'inputs.buffer is not known to the operation "optimizer"',
    });
  });
});

describe('the command', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const text = await readFile(join(GOLDEN_FOLDER, 'linear.json'), 'utf8');
    const golden = parseCase(text, 'linear.json');
    const y = golden.outputs['y']!;
    const wrong = { ...golden, name: 'wrong', outputs: { y: { ...y, data: y.data.map((value) => value + 1) } } };
    await writeFile(join(folder, '1-good.json'), text);
    await writeFile(join(folder, '2-wrong.json'), JSON.stringify(wrong));
    await writeFile(join(folder, '3-unknown.json'), JSON.stringify({ ...golden, name: 'unknown', op: 'lineal' }));
    await writeFile(join(folder, '4-torn.json'), text.slice(0, 100));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('prints one object a line and exits with 1 where a case fails', async () => {
    const { status, output } = await runMain([folder, '--json']);
    const lines = output.trim().split('\n');
    const reports = lines.map((line) => JSON.parse(line) as { readonly name: string; readonly status: string });
    expect(reports.map((report) => `${report.name} ${report.status}`)).toEqual([
      'linear pass',
      'wrong fail',
      'unknown fail',
      '4-torn fail',
    ]);
    expect(reports[1]).toMatchObject({ op: 'linear', worst: { tensor: 'y' } });
    expect(reports[2]).toMatchObject({ op: 'lineal', worst: null, reason: 'there is no operation "lineal"' });
    expect(status).toBe(1);
  });

  test('exits with 0 where none fails and with 2 where there is no such folder', async () => {
    expect((await runMain([GOLDEN_FOLDER])).status).toBe(0);
    const nowhere = await runMain([join(folder, 'nowhere')]);
    expect(nowhere.status).toBe(2);
    expect(nowhere.errors).toContain('is not there.');
  });
});

function tensor(shape: readonly number[], data: readonly number[]): Tensor {
  return { shape, dtype: 'f32', data };
}

function runMain(args: readonly string[]) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  return new Promise<{ readonly status: unknown; readonly output: string; readonly errors: string }>((resolve) => {
    execFile(process.execPath, [main, ...args], (error, output, errors) => {
      resolve({ status: error ? error.code : 0, output, errors });
    });
  });
}
