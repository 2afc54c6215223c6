/** Operations on rows of numbers: linear, embedding, layer_norm, activation. Every row is an item of the batch. */
import type { Matrix } from '../../../engine/core/arena.ts';
import type { Core } from '../../../engine/core/core.ts';
import { InputError } from '../../../engine/errors.ts';
import { Embedding } from '../../../engine/layers/embedding.ts';
import { LayerNorm } from '../../../engine/layers/layer-norm.ts';
import { Linear } from '../../../engine/layers/linear.ts';
import type { Pass, Plan } from '../../../engine/team/network.ts';
import { sizeOf, type GoldenCase } from '../case.ts';
import { choiceOf, numberOf } from './config.ts';
import { NO_OPTIMIZER, rowsAndColumns, runStaged, tensorOf, type Op } from './op.ts';
import { Stage, type Place, type StagedNetwork } from './stage.ts';

/** What the layers on rows have in common. */
interface RowLayer {
  readonly y: Matrix;
  readonly dy: Matrix;
  forward(core: Core, rows: number): void;
  backward(core: Core, rows: number): void;
}

/** How a case's tensors lie in rows. */
interface RowShapes {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Numbers in a row of x and of y. */
  readonly inputs: number;
  readonly outputs: number;
}

/** x [rows, inputs] through a layer to y [rows, outputs]. */
class RowNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly #rows: number;
  readonly #layer: RowLayer;
  readonly #x: Matrix;
  readonly #dx: Matrix;
  readonly #places: { readonly x: Place; readonly y: Place; readonly dy: Place; readonly dx: Place };

  constructor(plan: Plan, { x, y, inputs, outputs }: RowShapes, layer: (x: Matrix, dx: Matrix) => RowLayer) {
    this.stage = new Stage(plan, sizeOf(x) / inputs);
    this.#rows = plan.share.batch;
    this.#x = plan.activations.matrix(this.#rows, [inputs]);
    this.#dx = plan.activations.matrix(this.#rows, [inputs]);
    this.#layer = layer(this.#x, this.#dx);
    this.#places = {
      x: this.stage.values('inputs.x', x, 1, inputs),
      y: this.stage.values('outputs.y', y, 1, outputs),
      dy: this.stage.values('upstream.y', y, 1, outputs),
      dx: this.stage.values('grads.x', x, 1, inputs),
    };
  }

  forward({ core }: Pass): number {
    this.stage.take(core, this.#places.x, this.#x);
    this.#layer.forward(core, this.#rows);
    this.stage.give(core, this.#layer.y, this.#places.y);
    return 0;
  }

  backward({ core }: Pass): void {
    this.stage.take(core, this.#places.dy, this.#layer.dy);
    this.#layer.backward(core, this.#rows);
    this.stage.give(core, this.#dx, this.#places.dx);
  }
}

const xOf = (golden: GoldenCase) => tensorOf(golden.inputs, 'inputs', 'x');
const runOnce: Op<StagedNetwork>['run'] = (team, golden) => runStaged(team, golden, { steps: 1, lossScale: 1 });
const rowOp = { batchSize: (golden: GoldenCase) => rowsAndColumns(xOf(golden))[0], optimizer: () => NO_OPTIMIZER };

export const linear: Op<RowNetwork> = {
  ...rowOp,
  build(golden) {
    const { shape } = xOf(golden);
    const [outputs] = rowsAndColumns(tensorOf(golden.params, 'params', 'weight'));
    const shapes = { x: shape, y: [...shape.slice(0, -1), outputs], inputs: shape.at(-1) ?? 1, outputs };
    return (plan) => new RowNetwork(plan, shapes, (x, dx) => new Linear(plan, { name: '', x, outputs, dx }));
  },
  run: runOnce,
};

export const layerNorm: Op<RowNetwork> = {
  ...rowOp,
  build(golden) {
    const { shape } = xOf(golden);
    const eps = numberOf(golden, 'eps', 1e-5);
    const width = shape.at(-1) ?? 1;
    const shapes = { x: shape, y: shape, inputs: width, outputs: width };
    return (plan) => new RowNetwork(plan, shapes, (x, dx) => new LayerNorm(plan, { name: '', x, dx, eps }));
  },
  run: runOnce,
};

type ActivationKind = 'sigmoid' | 'tanh' | 'relu' | 'gelu';

/** The core's function on every element. */
class Activation implements RowLayer {
  readonly y: Matrix;
  readonly dy: Matrix;
  readonly #kind: ActivationKind;
  readonly #x: Matrix;
  readonly #dx: Matrix;

  constructor(plan: Plan, kind: ActivationKind, x: Matrix, dx: Matrix) {
    this.y = plan.activations.matrix(x.rows, x.segments);
    this.dy = plan.activations.matrix(x.rows, x.segments);
    this.#kind = kind;
    this.#x = x;
    this.#dx = dx;
  }

  forward({ kernels }: Core): void {
    const x = this.#x.at;
    const y = this.y.at;
    const floats = this.#floats;
    if (this.#kind === 'gelu') kernels.f32_gelu(floats, x, y);
    else if (this.#kind === 'relu') kernels.f32_relu(floats, x, y);
    else if (this.#kind === 'tanh') kernels.f32_tanh(floats, x, y);
    else kernels.f32_sigmoid(floats, x, y);
  }

  backward({ kernels }: Core): void {
    const { dy, y } = this;
    const floats = this.#floats;
    const dx = this.#dx.at;
    if (this.#kind === 'gelu') kernels.f32_gelu_backward(floats, this.#x.at, dy.at, dx);
    else if (this.#kind === 'relu') kernels.f32_relu_backward(floats, y.at, dy.at, dx);
    else if (this.#kind === 'tanh') kernels.f32_tanh_backward(floats, y.at, dy.at, dx);
    else kernels.f32_sigmoid_backward(floats, y.at, dy.at, dx);
  }

  /** The whole matrix, missing columns included. */
  get #floats(): number {
    return (this.y.panels * this.y.stride) / 4;
  }
}

export const activation: Op<RowNetwork> = {
  ...rowOp,
  batchSize: (golden) => sizeOf(xOf(golden).shape),
  build(golden) {
    if (golden.config['kind'] === undefined) throw new InputError('config.kind is missing.');
    const kind = choiceOf<ActivationKind>(golden, 'kind', ['sigmoid', 'tanh', 'relu', 'gelu']);
    const { shape } = xOf(golden);
    const shapes = { x: shape, y: shape, inputs: 1, outputs: 1 };
    return (plan) => new RowNetwork(plan, shapes, (x, dx) => new Activation(plan, kind, x, dx));
  },
  run: runOnce,
};

class EmbeddingNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly #rows: number;
  readonly #layer: Embedding;
  readonly #ownIds: number;
  readonly #places: { readonly ids: Place; readonly y: Place; readonly dy: Place };

  constructor(plan: Plan, shape: readonly number[], count: number, size: number) {
    const rows = sizeOf(shape);
    this.stage = new Stage(plan, rows);
    this.#rows = plan.share.batch;
    this.#ownIds = plan.activations.take(this.#rows * 4);
    this.#layer = new Embedding(plan, { name: '', ids: this.#ownIds, rows: this.#rows, count, size });
    this.#places = {
      ids: this.stage.integers('inputs.ids', shape, 1),
      y: this.stage.values('outputs.y', [...shape, size], 1, size),
      dy: this.stage.values('upstream.y', [...shape, size], 1, size),
    };
  }

  forward({ core }: Pass): number {
    this.stage.takeIntegers(core, this.#places.ids, this.#ownIds);
    this.#layer.forward(core, this.#rows);
    this.stage.give(core, this.#layer.y, this.#places.y);
    return 0;
  }

  backward({ core }: Pass): void {
    this.stage.take(core, this.#places.dy, this.#layer.dy);
    this.#layer.backward(core, this.#rows);
  }
}

export const embedding: Op<EmbeddingNetwork> = {
  batchSize: (golden) => sizeOf(tensorOf(golden.inputs, 'inputs', 'ids').shape),
  optimizer: () => NO_OPTIMIZER,
  build(golden) {
    const ids = tensorOf(golden.inputs, 'inputs', 'ids');
    const [count, size] = rowsAndColumns(tensorOf(golden.params, 'params', 'weight'));
    expectSymbols(ids.data, count, 'inputs.ids');
    return (plan) => new EmbeddingNetwork(plan, ids.shape, count, size);
  },
  run: runOnce,
};

/** Every value is a symbol from 0 to count - 1. */
export function expectSymbols(values: readonly number[], count: number, name: string): void {
  const index = values.findIndex((value) => !(value >= 0 && value < count));
  if (index < 0) return;
  throw new InputError(`${name}[${index}] is ${values[index] ?? 'missing'}, and must be from 0 to ${count - 1}.`);
}
