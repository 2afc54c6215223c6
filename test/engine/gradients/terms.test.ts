import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import type { CoreModule } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { differenceOf, engineGradients } from '../../../engine/gradients/engine-terms.ts';
import { dot, norm } from '../../../engine/gradients/linear-algebra.ts';
import { arrivals, signedShares, termsOf, truncate } from '../../../engine/gradients/terms.ts';
import {
  PARAMETERS,
  differenceAlong,
  finiteDifference,
  forward,
  type UnrolledNetwork,
} from '../../../engine/gradients/unrolled-network.ts';
import { parseCase } from '../../conformance/case.ts';
import { unrolledNetworkOf } from '../../conformance/ops/bptt-terms.ts';
import { caseFiles } from '../../conformance/folder.ts';
import { GOLDEN_FOLDER } from '../../golden/cases.ts';
import { cases } from '../../property-cases.ts';
import { randomNetwork, sizes } from './networks.ts';
import '../../seed.ts';
import { readFileSync } from 'node:fs';

let core: CoreModule;
beforeAll(async () => {
  core = await loadCore(coreFiles, { shared: false, build: 'baseline' });
});

function allTerms(network: UnrolledNetwork, parameter: (typeof PARAMETERS)[number]) {
  const steps = forward(network);
  return termsOf(network, steps, arrivals(network, steps), parameter);
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  const worst = Array.from(got, (value, i) => Math.abs(value - want[i]!) / (1 + Math.abs(want[i]!)));
  expect(Math.max(0, ...worst)).toBeLessThan(tolerance);
}

describe('the terms of a random network', () => {
  test.prop([sizes], cases(60))('add up to its finite differences', (size) => {
    const network = randomNetwork(size);
    for (const parameter of PARAMETERS) {
      const { total, rows, columns } = allTerms(network, parameter);
      expectClose(total, finiteDifference(network, parameter), 1e-6);
      const sum = (parts: readonly Float64Array[]) => total.map((_, i) => parts.reduce((s, part) => s + part[i]!, 0));
      expectClose(sum(rows), total, 1e-12);
      expectClose(sum(columns), total, 1e-12);
    }
  });

  test.prop([sizes], cases(40))("add up to the engine's backward pass", async (size) => {
    // The engine has losses of numbers after the last step alone.
    const drawn = randomNetwork(size);
    const network = size.values
      ? { ...drawn, targets: drawn.targets.map((target, t) => (t + 1 < size.steps ? null : target)) }
      : drawn;
    const gradients = await engineGradients(core, network);
    for (const parameter of PARAMETERS) {
      expectClose(gradients[parameter], allTerms(network, parameter).total, 2e-5);
    }
  });

  test.prop([sizes], cases(30))('of some rows of a parameter are those of the whole', (size) => {
    const network = randomNetwork(size);
    const steps = forward(network);
    const arrived = arrivals(network, steps);
    for (const parameter of PARAMETERS) {
      const whole = termsOf(network, steps, arrived, parameter);
      const [height = 0] = whole.shape;
      const rows = { from: Math.floor(height / 3), to: height };
      const part = termsOf(network, steps, arrived, parameter, 'all', rows);
      const at = (rows.from * whole.total.length) / height;
      expect(part.shape).toEqual([rows.to - rows.from, ...whole.shape.slice(1)]);
      expect(part.total).toEqual(whole.total.subarray(at));
      expect(part.terms.at(-1)).toEqual(whole.terms.at(-1)!.map((term) => term.subarray(at)));
      expect(part.rows).toEqual(whole.rows.map((row) => row.subarray(at)));
    }
  });

  test.prop([sizes], cases(30))('are told apart by the paths they take', (size) => {
    const network = randomNetwork({ ...size, cell: 'lstm' });
    const steps = forward(network);
    const arrived = arrivals(network, steps);
    for (const parameter of PARAMETERS) {
      const [all, cell, hidden] = (['all', 'cell', 'hidden'] as const).map((paths) =>
        termsOf(network, steps, arrived, parameter, paths),
      );
      all!.terms.forEach((row, t) => {
        row.forEach((term, k) => {
          const sum = cell!.terms[t]![k]!.map((value, i) => value + hidden!.terms[t]![k]![i]!);
          expectClose(sum, term, 1e-12);
        });
        // No hidden state lies between a loss and the use of its own step.
        expect(norm(hidden!.terms[t]![t]!)).toBe(0);
      });
    }
  });

  test.prop([sizes, fc.integer({ min: 0, max: 100 })], cases(30))(
    'have the slope that is measured along any direction',
    (size, seed) => {
      const network = randomNetwork(size);
      for (const parameter of PARAMETERS) {
        const { total } = allTerms(network, parameter);
        const direction = total.map((_, i) => Math.sin(seed + 7 * i));
        const measured = differenceAlong(network, parameter, direction);
        expect(Math.abs(measured - dot(total, direction))).toBeLessThan(1e-6 * (1 + norm(direction)));
      }
    },
  );
});

describe('the golden terms', async () => {
  const files = (await caseFiles(GOLDEN_FOLDER)).filter((file) => file.includes('bptt-'));

  test('are three', () => {
    expect(files).toHaveLength(3);
  });

  test.each(files)('%s, in float64', (file) => {
    const golden = parseCase(readFileSync(file, 'utf8'), file);
    const network = unrolledNetworkOf(golden);
    const T = network.x.length;
    const steps = forward(network);
    const arrived = arrivals(network, steps);
    const flat = (parts: readonly (readonly Float64Array[])[]) => {
      const size = parts[0]![0]!.length;
      const out = new Float64Array(T * T * size);
      parts.forEach((row, t) => row.forEach((part, k) => out.set(part, (t * T + k) * size)));
      return out;
    };
    const u = termsOf(network, steps, arrived, 'u');
    const w = termsOf(network, steps, arrived, 'w');
    expectClose(
      steps.map(({ loss }) => loss),
      golden.outputs['losses']!.data,
      1e-7,
    );
    expectClose(flat(u.terms), golden.outputs['du_terms']!.data, 1e-7);
    expectClose(flat(w.terms), golden.outputs['dw_terms']!.data, 1e-7);
    expectClose(flat(arrived.map((row) => row.map(({ dh }) => dh))), golden.outputs['dh_terms']!.data, 1e-7);
    expectClose(u.total, golden.outputs['du']!.data, 1e-7);
    expectClose(w.total, golden.outputs['dw']!.data, 1e-7);
  });
});

describe('truncation', () => {
  const network = randomNetwork({
    cell: 'rnn',
    relu: false,
    steps: 5,
    inputSize: 2,
    hiddenSize: 4,
    outputSize: 3,
    values: false,
    sparse: false,
    seed: 8,
  });

  test('keeps everything where the window is as long as the sequence', () => {
    const whole = truncate(allTerms(network, 'w'), 5);
    expect(whole.angle).toBe(0);
    expect(whole.length).toBe(1);
    expect(whole.termsKept).toBe(whole.terms);
    expect(whole.terms).toBe(15);
  });

  test('keeps the uses of each loss’s own step where the window is one step', () => {
    const terms = allTerms(network, 'u');
    const one = truncate(terms, 1);
    const nearest = terms.total.map((_, i) => terms.terms.reduce((sum, row, t) => sum + row[t]![i]!, 0));
    expect(differenceOf(one.total, nearest)).toBeLessThan(1e-12);
    expect(one.termsKept).toBe(5);
    expect(one.angle).toBeGreaterThan(0);
  });

  test('shares out the total among the terms', () => {
    const shares = signedShares(allTerms(network, 'u')).flat();
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});
