import { describe, expect, test } from 'vitest';
import { temporaryFolder, TINY, unrolled, unrolledHere } from './unrolled.ts';

const REVERSAL = [
  ...['train', '--task', 'reversal', '--option', 'validationItems=40', '--option', 'longest=5', '--option', 'beyond=2'],
  ...['--hidden', '12', '--updates', '40', '--evaluate-every', '40', '--threads', '1', '--out', 'run'],
];

interface Told {
  readonly target: string;
  readonly score: number;
  readonly symbols: readonly { readonly symbol: string; readonly probability: number }[];
}

async function translated(folder: string, ...flags: string[]) {
  const { status, stdout } = await unrolledHere(['translate', 'run', ...flags, '--json'], folder);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Told & {
    readonly alternatives: readonly Told[];
    readonly attention: readonly unknown[];
  };
}

describe('translate', () => {
  test('writes the decoding and its alternatives, as evaluation and predict do', async () => {
    const folder = temporaryFolder();
    const trained = await unrolledHere(REVERSAL, folder);
    expect(trained.status).toBe(0);
    expect(trained.stdout).toMatch(/exact match, longer than any trained \(6 to 7\)/u);
    expect(trained.stdout).toMatch(/translate run --source [a-j]{3,5}$/mu);

    const greedy = await translated(folder, '--source', 'abc');
    expect(greedy.alternatives).toEqual([]);
    expect(greedy.symbols.map(({ symbol }) => symbol).join('')).toBe(greedy.target);
    expect((await unrolledHere(['translate', 'run', '--source', 'abc'], folder)).stdout.split('\n')[0]).toBe(
      greedy.target,
    );

    const { stdout } = await unrolledHere(['predict', 'run', '--input', '"abc"', '--json'], folder);
    expect(JSON.parse(stdout)).toEqual({ target: greedy.target, symbols: greedy.symbols });

    const beam = await translated(folder, '--source', 'abc', '--beam', '4');
    const scores = [beam, ...beam.alternatives].map(({ score }) => score);
    expect(scores).toHaveLength(4);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores[0]).toBeGreaterThanOrEqual(greedy.score);
    expect((await translated(folder, '--source', 'abc', '--length', '1')).target.length).toBeLessThanOrEqual(1);
  });

  test('says what would be right', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'adding'], folder);
    await unrolledHere(REVERSAL, folder);
    const refusal = async (...args: string[]) => {
      const { status, stderr } = await unrolled(['translate', ...args], folder);
      return { status, stderr };
    };
    expect(await refusal('run')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--source is missing') as string,
    });
    expect(await refusal('run', '--source', 'a1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('character 2 of the input is "1", which the training data do not have') as string,
    });
    expect(await refusal('adding', '--source', 'a')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('a regression task; only translations are translated') as string,
    });
    expect(await refusal('run', '--source', 'a', '--beam', '0')).toMatchObject({ status: 2 });
  });
});
