/** optimizer and clip_grad_norm: gradients are put where a backward pass would leave them, and applied. */
import type { OptimizerSpec } from '../../../engine/team/optimizer.ts';
import type { Network, Plan } from '../../../engine/team/network.ts';
import { readParameter, writeParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import type { Team } from '../../../engine/team/team.ts';
import { sizeOf, type GoldenCase, type Tensors } from '../case.ts';
import type { ComputedTensor } from '../compare.ts';
import { choiceOf, countOf, flagOf, numberOf, pairOf } from './config.ts';
import { expectShape, NO_OPTIMIZER, setPass, tensorOf, writeParameters, type Op } from './op.ts';

/** Parameters alone. */
class ParameterNetwork implements Network {
  constructor({ parameters }: Plan, tensors: Tensors) {
    for (const [name, { shape }] of Object.entries(tensors)) {
      parameters.vector(name, [sizeOf(shape)], { kind: 'constant', value: 0 });
    }
  }

  forward(): number {
    return 0;
  }

  backward(): void {
    // The gradients are the case's.
  }
}

interface Step {
  readonly update: number;
  readonly learningRate: number;
  /** 0: no clipping. */
  readonly clipNorm: number;
}

/** One update; element i of every gradient comes from thread i modulo their number, nothing from the others. */
function applyGradients(team: Team<Network>, gradients: ReadonlyMap<string, readonly number[]>, step: Step): void {
  const { control, layout, threads } = team;
  for (const parameter of layout.parameters.list) {
    const gradient = gradients.get(parameter.name) ?? [];
    layout.placed.forEach(({ plan }, thread) => {
      const part = gradient.map((value, i) => (i % threads === thread ? value : 0));
      writeParameter(team.core.f32, parameter, part, plan.gradientOffset);
    });
  }
  setPass(team, { steps: 1, lossScale: 1 });
  control.setWord('update', step.update);
  control.setValue('learningRate', step.learningRate);
  control.setValue('clipNorm', step.clipNorm);
  team.run(COMMANDS.apply);
}

export const optimizer: Op<ParameterNetwork> = {
  batchSize: () => 1,
  optimizer: optimizerOf,
  build: (golden) => (plan) => new ParameterNetwork(plan, { w: tensorOf(golden.params, 'params', 'w') }),
  run(team, golden) {
    const w = tensorOf(golden.params, 'params', 'w');
    const size = sizeOf(w.shape);
    const steps = countOf(golden, 'steps');
    const shape = [steps, ...w.shape];
    const gradients = tensorOf(golden.inputs, 'inputs', 'gradients');
    expectShape(gradients, shape, 'inputs.gradients');
    writeParameters(team, { ...golden.params, w: { ...w, shape: [size] } });
    const learningRate = numberOf(golden, 'learningRate');
    const trajectory: number[] = [];
    for (let update = 0; update < steps; update++) {
      const gradient = gradients.data.slice(update * size, (update + 1) * size);
      applyGradients(team, new Map([['w', gradient]]), { update, learningRate, clipNorm: 0 });
      for (const parameter of team.layout.parameters.list) trajectory.push(...readParameter(team.core.f32, parameter));
    }
    return { outputs: { trajectory: { shape, data: trajectory } }, grads: {} };
  },
};

/** With PyTorch's defaults for what the case leaves out. */
function optimizerOf(golden: GoldenCase): OptimizerSpec {
  const kind = choiceOf(golden, 'kind', ['sgd', 'rmsprop', 'adam', 'adamw']);
  const weightDecay = numberOf(golden, 'weightDecay', kind === 'adamw' ? 0.01 : 0);
  if (kind === 'sgd') {
    return { kind, momentum: numberOf(golden, 'momentum', 0), nesterov: flagOf(golden, 'nesterov'), weightDecay };
  }
  const eps = numberOf(golden, 'eps', 1e-8);
  if (kind === 'rmsprop') {
    const [alpha, momentum] = [numberOf(golden, 'alpha', 0.99), numberOf(golden, 'momentum', 0)];
    return { kind, alpha, eps, momentum, centered: flagOf(golden, 'centered'), weightDecay };
  }
  const [beta1, beta2] = pairOf(golden, 'betas', [0.9, 0.999]);
  return { kind, beta1, beta2, eps, weightDecay };
}

/** Parameters that are zero, stepped by the clipped gradient at a learning rate of 1: they end as its negative. */
export const clipGradNorm: Op<ParameterNetwork> = {
  batchSize: () => 1,
  optimizer: () => NO_OPTIMIZER,
  build: (golden) => (plan) => new ParameterNetwork(plan, golden.inputs),
  run(team, golden) {
    const gradients = new Map(Object.entries(golden.inputs).map(([name, { data }]) => [name, data]));
    applyGradients(team, gradients, { update: 0, learningRate: 1, clipNorm: numberOf(golden, 'maxNorm') });
    const clipped = team.layout.parameters.list.map((parameter): [string, ComputedTensor] => {
      const data = readParameter(team.core.f32, parameter).map((value) => -value);
      return [parameter.name, { shape: tensorOf(golden.inputs, 'inputs', parameter.name).shape, data }];
    });
    const norm = Math.sqrt(team.control.squares(team.threads));
    return { outputs: { ...Object.fromEntries(clipped), norm: { shape: [1], data: [norm] } }, grads: {} };
  },
};
