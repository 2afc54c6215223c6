/** softmax_cross_entropy and mean_squared_error: means over what counts, every row an item of the batch. */
import type { Matrix } from '../../../engine/core/arena.ts';
import { InputError } from '../../../engine/errors.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';
import type { Pass, Plan } from '../../../engine/team/network.ts';
import type { Team } from '../../../engine/team/team.ts';
import { sizeOf, type GoldenCase } from '../case.ts';
import { choiceOf, numberOf } from './config.ts';
import { expectShape, NO_OPTIMIZER, rowsAndColumns, runStaged, tensorOf, type CaseResult, type Op } from './op.ts';
import { expectSymbols } from './rows.ts';
import { Stage, type Place, type StagedNetwork } from './stage.ts';

class CrossEntropyNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly #rows: number;
  readonly #columns: number;
  readonly #ignored: number;
  readonly #logits: Matrix;
  readonly #probabilities: Matrix;
  readonly #dlogits: Matrix;
  readonly #ownTargets: number;
  readonly #places: { readonly logits: Place; readonly targets: Place; readonly dlogits: Place };

  constructor(plan: Plan, rows: number, columns: number, ignored: number) {
    const { activations, share } = plan;
    this.stage = new Stage(plan, rows);
    this.#rows = share.batch;
    this.#columns = columns;
    this.#ignored = ignored;
    this.#logits = activations.matrix(share.batch, [columns]);
    this.#probabilities = activations.matrix(share.batch, [columns]);
    this.#dlogits = activations.matrix(share.batch, [columns]);
    this.#ownTargets = activations.take(share.batch * 4);
    this.#places = {
      logits: this.stage.values('inputs.logits', [rows, columns], 1, columns),
      targets: this.stage.integers('inputs.targets', [rows], 1),
      dlogits: this.stage.values('grads.logits', [rows, columns], 1, columns),
    };
  }

  forward({ core }: Pass): number {
    this.stage.take(core, this.#places.logits, this.#logits);
    this.stage.takeIntegers(core, this.#places.targets, this.#ownTargets);
    return core.kernels.f32_cross_entropy(
      this.#rows,
      this.#columns,
      this.#logits.at,
      this.#logits.stride,
      this.#ownTargets,
      this.#ignored,
      this.#rows,
      0,
      this.#probabilities.at,
      this.#probabilities.stride,
      0,
    );
  }

  backward({ core, lossScale }: Pass): void {
    core.kernels.f32_cross_entropy_backward(
      this.#rows,
      this.#columns,
      this.#probabilities.at,
      this.#probabilities.stride,
      this.#ownTargets,
      this.#ignored,
      this.#rows,
      0,
      lossScale,
      this.#dlogits.at,
      this.#dlogits.stride,
    );
    this.stage.give(core, this.#dlogits, this.#places.dlogits);
  }
}

export const softmaxCrossEntropy: Op<CrossEntropyNetwork> = {
  batchSize: (golden) => rowsAndColumns(tensorOf(golden.inputs, 'inputs', 'logits'))[0],
  optimizer: () => NO_OPTIMIZER,
  build(golden) {
    const logits = tensorOf(golden.inputs, 'inputs', 'logits');
    const [rows, columns] = rowsAndColumns(logits);
    expectShape(logits, [rows, columns], 'inputs.logits');
    choiceOf(golden, 'reduction', ['mean']);
    expectSymbols(countedTargets(golden), columns, 'inputs.targets');
    return (plan) => new CrossEntropyNetwork(plan, rows, columns, ignoredOf(golden));
  },
  run: (team, golden) => runMean(team, golden, countedTargets(golden).length),
};

function ignoredOf(golden: GoldenCase): number {
  return numberOf(golden, 'ignoreIndex', IGNORED);
}

function countedTargets(golden: GoldenCase): readonly number[] {
  const ignored = ignoredOf(golden);
  return tensorOf(golden.inputs, 'inputs', 'targets').data.filter((target) => target !== ignored);
}

class SquaredErrorNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly #rows: number;
  readonly #prediction: Matrix;
  readonly #target: Matrix;
  readonly #gradient: Matrix;
  readonly #negative: Matrix;
  readonly #places: {
    readonly prediction: Place;
    readonly target: Place;
    readonly dprediction: Place;
    readonly dtarget: Place;
  };

  constructor(plan: Plan, shape: readonly number[]) {
    const { activations, share } = plan;
    const matrix = () => activations.matrix(share.batch, [1]);
    this.stage = new Stage(plan, sizeOf(shape));
    this.#rows = share.batch;
    this.#prediction = matrix();
    this.#target = matrix();
    this.#gradient = matrix();
    this.#negative = matrix();
    this.#places = {
      prediction: this.stage.values('inputs.prediction', shape, 1, 1),
      target: this.stage.values('inputs.target', shape, 1, 1),
      dprediction: this.stage.values('grads.prediction', shape, 1, 1),
      dtarget: this.stage.values('grads.target', shape, 1, 1),
    };
  }

  forward({ core }: Pass): number {
    const x = this.#prediction;
    const target = this.#target;
    this.stage.take(core, this.#places.prediction, x);
    this.stage.take(core, this.#places.target, target);
    return core.kernels.f32_squared_error(this.#rows, 1, x.at, x.stride, target.at, target.stride);
  }

  backward({ core, lossScale }: Pass): void {
    const x = this.#prediction;
    const target = this.#target;
    const dx = this.#gradient;
    core.kernels.f32_squared_error_backward(
      this.#rows,
      1,
      x.at,
      x.stride,
      target.at,
      target.stride,
      lossScale,
      dx.at,
      dx.stride,
    );
    core.kernels.f32_scale((dx.panels * dx.stride) / 4, dx.at, -1, this.#negative.at);
    this.stage.give(core, dx, this.#places.dprediction);
    this.stage.give(core, this.#negative, this.#places.dtarget);
  }
}

export const meanSquaredError: Op<SquaredErrorNetwork> = {
  batchSize: (golden) => sizeOf(tensorOf(golden.inputs, 'inputs', 'prediction').shape),
  optimizer: () => NO_OPTIMIZER,
  build(golden) {
    const { shape } = tensorOf(golden.inputs, 'inputs', 'prediction');
    return (plan) => new SquaredErrorNetwork(plan, shape);
  },
  run: (team, golden) => runMean(team, golden, meanSquaredError.batchSize(golden)),
};

/** The loss is the sum over `count` places divided by it. */
function runMean(team: Team<StagedNetwork>, golden: GoldenCase, count: number): CaseResult {
  if (count === 0) throw new InputError('No target counts: the mean over none is not a number.');
  const upstream = golden.upstream['loss']?.data[0] ?? 1;
  const { grads } = runStaged(team, golden, { steps: 1, lossScale: upstream / count });
  return { outputs: { loss: { shape: [1], data: [team.control.loss(team.threads) / count] } }, grads };
}
