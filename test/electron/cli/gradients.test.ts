import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { objects, temporaryFolder, TINY, unrolledHere } from './unrolled.ts';

interface Answer {
  readonly update: number;
  readonly steps: number;
  readonly losses: readonly { readonly step: number; readonly loss: number }[];
  readonly maps: readonly { readonly state: string; readonly log10: readonly (readonly (number | null)[])[] }[];
  readonly overTraining: readonly {
    readonly update: number;
    readonly clipScale: number;
    readonly parameters: readonly object[];
  }[];
  readonly training: {
    readonly report: { readonly update: number; readonly gradientNorm: number };
    readonly clipScale: number;
    readonly parameters: readonly { readonly gradientNorm: number; readonly updateRatio: number }[];
    readonly saturation: readonly { readonly name: string; readonly low: number; readonly high: number }[];
    readonly radii: readonly { readonly gate?: string; readonly spectralRadius: number }[];
  };
}

describe('gradients', () => {
  test('tells a machine every norm, and what one update does', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--cell', 'lstm', '--clip', '0.01', '--out', 'run'], folder);
    const { status, stdout, stderr } = await unrolledHere(['gradients', 'run', '--item', '2', '--json'], folder);
    expect([status, stderr]).toEqual([0, '']);
    const answer = objects(stdout)[0] as unknown as Answer;
    expect(answer).toMatchObject({ update: 30, steps: 8, losses: [{ step: 8 }] });
    expect(answer.losses[0]!.loss).toBeGreaterThan(0);
    expect(answer.maps.map(({ state }) => state)).toEqual(['hidden', 'cell']);
    expect(answer.maps[0]!.log10[0]).toHaveLength(8);
    expect(answer.maps[0]!.log10[0]!.every((norm) => Number.isFinite(norm))).toBe(true);

    const { report, clipScale, parameters, saturation, radii } = answer.training;
    expect(report.update).toBe(31);
    const squares = parameters.reduce((sum, { gradientNorm }) => sum + gradientNorm ** 2, 0);
    expect(Math.sqrt(squares)).toBeCloseTo(report.gradientNorm, 5);
    expect(clipScale).toBeCloseTo(0.01 / report.gradientNorm, 3);
    expect(parameters.every(({ updateRatio }) => updateRatio > 0 && updateRatio < 1)).toBe(true);
    expect(saturation.map(({ name }) => name)).toEqual(
      ['input', 'forget', 'candidate', 'output'].map((gate) => `recurrent.l0.${gate}`),
    );
    expect(radii.map(({ gate }) => gate)).toEqual(['input', 'forget', 'candidate', 'output']);
    expect(radii.every(({ spectralRadius }) => spectralRadius > 0)).toBe(true);
    const { overTraining } = answer;
    expect(overTraining[0]?.update).toBe(1);
    expect(overTraining[0]?.parameters).toHaveLength(parameters.length);
    expect(overTraining.every((record) => record.update <= 30 && record.clipScale < 1)).toBe(true);
    // Nothing has been saved.
    const again = await unrolledHere(['gradients', 'run', '--item', '2', '--json'], folder);
    expect(again.stdout).toBe(stdout);
  });

  test('tells people the decay by distance', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--cell', 'rnn', '--out', 'run'], folder);
    const { stdout } = await unrolledHere(['gradients', join(folder, 'run', 'checkpoint.safetensors')], folder);
    expect(stdout).toMatch(/t - k +0 +1 +2 +5 +7\n/);
    expect(stdout).toMatch(/\|dJ\(t\)\/dh\(k\)\|, layer 1( +[0-9.e+-]+){5}\n/);
    expect(stdout).toMatch(/Update 31: loss .*, gradient norm .*, not clipped\n/);
    expect(stdout).toMatch(/spectral radius of recurrent.weight_hh_l0 +[0-9.]+\n/);
  });

  test('says which checkpoints and items there are', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const missing = await unrolledHere(['gradients', 'run', '--checkpoint', '7'], folder);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('has no checkpoint of update 7; it has 30');
    const beyond = await unrolledHere(['gradients', 'run', '--item', '64'], folder);
    expect(beyond.stderr).toContain('the validation part of adding has no item 64: they count from 0');
  });
});
