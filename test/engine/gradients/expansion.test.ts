import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import type { CoreModule } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { engineGradients } from '../../../engine/gradients/engine-terms.ts';
import { Evaluation, gateRange } from '../../../engine/gradients/evaluate.ts';
import { expand, expandLoss, pathsOf, type Partial, type Variable } from '../../../engine/gradients/expansion.ts';
import { norm } from '../../../engine/gradients/linear-algebra.ts';
import { arrivals, termsOf } from '../../../engine/gradients/terms.ts';
import { LSTM_GATES, PARAMETERS, forward } from '../../../engine/gradients/unrolled-network.ts';
import { cases } from '../../property-cases.ts';
import { randomNetwork, sizes } from './networks.ts';
import '../../seed.ts';

let core: CoreModule;
beforeAll(async () => {
  core = await loadCore(coreFiles, { shared: false, build: 'baseline' });
});

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  const worst = Array.from(got, (value, i) => Math.abs(value - want[i]!) / (1 + Math.abs(want[i]!)));
  expect(Math.max(0, ...worst)).toBeLessThan(tolerance);
}

/** "dJ(2)/dh(1)" */
function text({ of, by }: Partial): string {
  const name = ({ name, step, gate }: Variable) => `${name}${gate ? `_${gate}` : ''}${step ? `(${step})` : ''}`;
  return `d${name(of)}/d${name(by)}`;
}

describe('the formula as it stands', () => {
  test.prop([sizes, fc.constantFrom(...PARAMETERS)], cases(60))(
    'gives the engine’s gradient when it is evaluated',
    async (size, parameter) => {
      const drawn = randomNetwork(size);
      const network = size.values
        ? { ...drawn, targets: drawn.targets.map((target, t) => (t + 1 < size.steps ? null : target)) }
        : drawn;
      const evaluation = new Evaluation(network, forward(network));
      const gradients = await engineGradients(core, network);
      const request = { cell: network.cell, parameter, softmax: !size.values };
      const losses = expand(request, size.steps).filter(({ t }) => network.targets[t - 1] !== null);
      const values = losses.map((loss) => evaluation.expansion(loss));
      const total = gradients[parameter].map((_, i) => values.reduce((sum, value) => sum + value[i]!, 0));
      expectClose(total, gradients[parameter], 2e-5);
    },
  );

  test.prop([sizes, fc.constantFrom(...PARAMETERS)], cases(60))(
    'has the terms as its summands, factor by factor too',
    (size, parameter) => {
      const network = randomNetwork(size);
      const steps = forward(network);
      const evaluation = new Evaluation(network, steps);
      const { terms } = termsOf(network, steps, arrivals(network, steps), parameter);
      for (const { t, summands } of expand({ cell: network.cell, parameter, softmax: !size.values }, size.steps)) {
        if (network.targets[t - 1] === null) continue;
        for (const { k, product } of summands) {
          const term = terms[t - 1]![k - 1]!;
          expectClose(evaluation.product(product), term, 1e-11);
          expectClose(evaluation.denseProduct(product), term, 1e-11);
          for (const { partial, shape, norm: shown } of evaluation.factors(product)) {
            const jacobian = evaluation.jacobian(partial);
            expect([jacobian.rows, jacobian.cols]).toEqual(shape);
            expect(shown).toBeCloseTo(norm(jacobian.data), 10);
          }
        }
      }
    },
  );

  test.prop([sizes, fc.constantFrom('u', 'w', 'b' as const), fc.constantFrom(...LSTM_GATES)], cases(40))(
    'holds for one gate of an LSTM, and for the single paths of each summand',
    (size, parameter, gate) => {
      const network = randomNetwork({ ...size, cell: 'lstm', steps: Math.min(4, size.steps) });
      const steps = forward(network);
      const evaluation = new Evaluation(network, steps);
      const arrived = arrivals(network, steps);
      const { terms } = termsOf(network, steps, arrived, parameter);
      const cellTerms = termsOf(network, steps, arrived, parameter, 'cell').terms;
      const request = { cell: 'lstm', parameter, gate, softmax: !size.values } as const;
      const { from, to } = gateRange(network, parameter, gate);
      for (const { t, summands } of expand(request, steps.length)) {
        if (network.targets[t - 1] === null) continue;
        for (const { k, product } of summands) {
          const term = terms[t - 1]![k - 1]!.subarray(from, to);
          expectClose(evaluation.product(product), term, 1e-11);
          const { count, paths } = pathsOf(request, { t, k }, Infinity);
          expect(paths).toHaveLength(count);
          const values = paths.map((path) => evaluation.product(path));
          expectClose(
            term.map((_, i) => values.reduce((sum, value) => sum + value[i]!, 0)),
            term,
            1e-10,
          );
          // The first path of the three inner gates is the one through the cell state alone.
          if (gate !== 'output') expectClose(values[0]!, cellTerms[t - 1]![k - 1]!.subarray(from, to), 1e-11);
        }
      }
    },
  );
});

describe('the textbook’s two steps', () => {
  const request = { cell: 'rnn', parameter: 'u', softmax: true } as const;

  test('are one product for J(1) and two for J(2)', () => {
    const texts = expand(request, 2).map(({ summands }) => summands.map(({ product }) => product.factors.map(text)));
    expect(texts).toEqual([
      [['dJ(1)/dy(1)', 'dy(1)/dz(1)', 'dz(1)/dh(1)', 'dh(1)/ds(1)', 'ds(1)/du']],
      [
        ['dJ(2)/dy(2)', 'dy(2)/dz(2)', 'dz(2)/dh(2)', 'dh(2)/ds(2)', 'ds(2)/du'],
        ['dJ(2)/dy(2)', 'dy(2)/dz(2)', 'dz(2)/dh(2)', 'dh(2)/dh(1)', 'dh(1)/ds(1)', 'ds(1)/du'],
      ],
    ]);
  });

  test('have one use of the head’s weights each', () => {
    const texts = expand({ ...request, parameter: 'v' }, 2).map(({ summands }) =>
      summands.map(({ product }) => product.factors.map(text)),
    );
    expect(texts).toEqual([[['dJ(1)/dy(1)', 'dy(1)/dz(1)', 'dz(1)/dv']], [['dJ(2)/dy(2)', 'dy(2)/dz(2)', 'dz(2)/dv']]]);
  });

  test('go from an LSTM’s loss to the step before on one path through the cell state, the others through the hidden one', () => {
    const { paths } = pathsOf({ ...request, cell: 'lstm', gate: 'forget' }, { t: 2, k: 1 }, 10);
    expect(paths.map(({ factors }) => factors.map(text).slice(2, -1))).toEqual([
      ['dz(2)/dh(2)', 'dh(2)/dcell(2)', 'dcell(2)/dcell(1)', 'dcell(1)/ds_forget(1)'],
      ['dz(2)/dh(2)', 'dh(2)/dcell(2)', 'dcell(2)/ds(2)', 'ds(2)/dh(1)', 'dh(1)/dcell(1)', 'dcell(1)/ds_forget(1)'],
      ['dz(2)/dh(2)', 'dh(2)/ds(2)', 'ds(2)/dh(1)', 'dh(1)/dcell(1)', 'dcell(1)/ds_forget(1)'],
    ]);
  });

  test('refuse what does not depend directly', () => {
    const network = randomNetwork({
      cell: 'rnn',
      relu: false,
      steps: 2,
      inputSize: 1,
      hiddenSize: 1,
      outputSize: 2,
      values: false,
      sparse: false,
      seed: 1,
    });
    const evaluation = new Evaluation(network, forward(network));
    const wrong = { kind: 'partial', of: { name: 'J', step: 1 }, by: { name: 'u' } } as const;
    expect(() => evaluation.jacobian(wrong)).toThrow('J does not depend on u directly.');
    expect(expandLoss(request, 1).parameter).toEqual({ name: 'u' });
  });
});
