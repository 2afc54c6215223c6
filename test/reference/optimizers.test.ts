import { describe, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { expectNear, GOLDEN_DIGITS } from './close.ts';
import { matrixOf } from './golden.ts';
import { adamStep, rmsPropStep, sgdStep } from './optimizers.ts';

const RMSPROPS = ['rmsprop', 'rmsprop-momentum', 'rmsprop-centered', 'rmsprop-momentum-centered-decay'];

describe('the reference optimizers', () => {
  test.each(['sgd-plain', 'sgd-momentum-nesterov', ...RMSPROPS, 'adam', 'adamw'])(
    'walk the golden way of %s',
    (name) => {
      const golden = goldenCase(name);
      const gradients = matrixOf(golden.inputs, 'gradients');
      const trajectory = matrixOf(golden.outputs, 'trajectory');
      const w = matrixOf(golden.params, 'w').data.slice();
      const first = new Float64Array(w.length);
      const second = new Float64Array(w.length);
      const third = new Float64Array(w.length);
      const number = (key: string) => Number(golden.config[key] ?? 0);
      const common = { rate: number('learningRate'), weightDecay: number('weightDecay'), eps: number('eps') };
      const [beta1, beta2] = Array.isArray(golden.config['betas']) ? golden.config['betas'].map(Number) : [];

      for (let step = 1; step <= gradients.rows; step++) {
        const g = gradients.rowsFrom(step - 1, 1).data;
        if (name.startsWith('rmsprop')) {
          const settings = {
            alpha: number('alpha'),
            momentum: number('momentum'),
            centered: golden.config['centered'] === true,
          };
          rmsPropStep(w, g, { v: first, buffer: second, mean: third }, { ...common, ...settings });
        } else if (beta1 !== undefined && beta2 !== undefined) {
          adamStep(w, g, first, second, step, { ...common, beta1, beta2, decoupled: name === 'adamw' });
        } else {
          const nesterov = golden.config['nesterov'] === true;
          sgdStep(w, g, first, step, { ...common, momentum: number('momentum'), nesterov });
        }
        expectNear(w, trajectory.rowsFrom(step - 1, 1).data, GOLDEN_DIGITS, `w after step ${step}`);
      }
    },
  );
});
