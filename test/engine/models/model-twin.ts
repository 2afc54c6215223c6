/** The recurrent model in float64, out of the reference's parts: one pass over one batch. */
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';
import { gatherRows, scatterAddRows } from '../../reference/embedding.ts';
import { linearBackward, linearForward } from '../../reference/linear.ts';
import { crossEntropy, crossEntropyBackward, squaredError, squaredErrorBackward } from '../../reference/loss.ts';
import { Matrix, joinCols, sum } from '../../reference/matrix.ts';
import { maxSteps, maxStepsBackward, meanSteps, meanStepsBackward } from '../../reference/pooling.ts';
import { dropoutMask } from '../../reference/random.ts';
import type { RecurrentParameters } from '../../reference/recurrent.ts';
import { parameterNames } from '../../reference/stack.ts';
import { runCell, type CellTwin } from './cell-twin.ts';

/** One batch, time-major; which members are there depends on the model. */
export interface ModelBatch {
  /** T of this batch. */
  readonly steps: number;
  /** Items. */
  readonly batch: number;
  /** [T * B] */
  readonly tokens?: readonly number[];
  /** [T * B, I] */
  readonly values?: Matrix;
  /** [B] */
  readonly lengths?: readonly number[];
  /** [B] */
  readonly conditions?: readonly number[];
  /** [T * B] or [B] */
  readonly targetLabels?: readonly number[];
  /** [B, K] */
  readonly targetValues?: Matrix;
}

export interface PassOptions {
  readonly lossScale: number;
  /** Dropout is active, at this rate in this update. */
  readonly dropout?: { readonly rate: number; readonly update: number };
  /** The states to start from, by layer and direction. */
  readonly start?: readonly State[];
}

/** [B, H] each. */
export interface State {
  readonly h: Matrix;
  readonly c: Matrix;
}

export interface TwinRun {
  /** Sum over the targets that count. */
  readonly loss: number;
  /** Probabilities or numbers. */
  readonly outputs: Matrix;
  /** By layer and direction. */
  readonly final: readonly State[];
  /** By parameter. */
  readonly gradients: ReadonlyMap<string, Matrix>;
  /** By the engine's names. */
  readonly traces: ReadonlyMap<string, Matrix>;
}

/** parameters: by the engine's names, vectors as [1, N]. */
export function runTwin(
  spec: RecurrentSpec,
  parameters: ReadonlyMap<string, Matrix>,
  batch: ModelBatch,
  options: PassOptions,
): TwinRun {
  return new ModelTwin(spec, parameters, batch, options).run();
}

class ModelTwin {
  readonly #spec: RecurrentSpec;
  readonly #parameters: ReadonlyMap<string, Matrix>;
  readonly #batch: ModelBatch;
  readonly #options: PassOptions;
  readonly #directions: 1 | 2;
  readonly #traces = new Map<string, Matrix>();
  readonly #gradients = new Map<string, Matrix>();

  constructor(spec: RecurrentSpec, parameters: ReadonlyMap<string, Matrix>, batch: ModelBatch, options: PassOptions) {
    this.#spec = spec;
    this.#parameters = parameters;
    this.#batch = batch;
    this.#options = options;
    this.#directions = spec.bidirectional ? 2 : 1;
  }

  run(): TwinRun {
    const { steps, batch } = this.#batch;
    const { output, layers, hiddenSize } = this.#spec;
    const D = this.#directions;
    const start = this.#start();
    const parts: CellTwin[] = [];
    const masks: Matrix[] = [];
    let input = this.#input();
    for (let layer = 0; layer < layers; layer++) {
      for (let d = 0; d < D; d++) parts.push(this.#part(layer * D + d, input, start[layer * D + d]!));
      input = joined(parts.slice(-D).map(({ y }) => y));
      if (layer + 1 < layers) {
        const mask = this.#mask(steps, layer + 2);
        masks.push(mask);
        input = times(input, mask);
      }
    }

    const pooling = output.per === 'sequence' ? this.#pool(input, parts.slice(-D)) : undefined;
    const features = pooling?.y ?? input;
    const headMask = this.#mask(pooling ? 1 : steps, 1);
    const dropped = times(features, headMask);
    const logits = linearForward(dropped, this.#parameter('head.weight'), this.#parameter('head.bias'));
    const { loss, outputs, dlogits } = this.#loss(logits);
    this.#traces.set('logits', logits).set('outputs', outputs).set('logits.gradient', dlogits);

    const head = linearBackward(dropped, this.#parameter('head.weight'), dlogits);
    this.#gradients.set('head.weight', head.weight).set('head.bias', head.bias);
    const dfeatures = times(head.x, headMask);
    const none = new Matrix(batch, hiddenSize);
    let dy = pooling ? pooling.dy(dfeatures) : dfeatures;
    const starts: State[] = [];
    for (let layer = layers - 1; layer >= 0; layer--) {
      let dx: Matrix | undefined;
      for (let d = 0; d < D; d++) {
        const index = layer * D + d;
        const top = layer === layers - 1;
        const dhn = top && pooling?.last ? dfeatures.colsFrom(d * hiddenSize, hiddenSize) : none;
        const gradients = parts[index]!.backward(dy.colsFrom(d * hiddenSize, hiddenSize), dhn, none);
        this.#leave(index, gradients.parameters);
        this.#name(index, gradients.traces);
        starts[index] = { h: gradients.h0, c: gradients.c0 };
        dx = dx ? sum(dx, gradients.x) : gradients.x;
      }
      dy = layer > 0 ? times(dx!, masks[layer - 1]!) : dx!;
    }
    this.#leaveInput(dy);
    this.#leaveStart(starts);
    return {
      loss,
      outputs,
      final: parts.map(({ hn, cn }) => ({ h: hn, c: cn })),
      gradients: this.#gradients,
      traces: this.#traces,
    };
  }

  #parameter(name: string): Matrix {
    const parameter = this.#parameters.get(name);
    if (!parameter) throw new Error(`There is no parameter ${name}.`);
    return parameter;
  }

  #input(): Matrix {
    const { input, embeddingSize } = this.#spec;
    const { tokens = [], values } = this.#batch;
    if (values) {
      this.#traces.set('input', values);
      return values;
    }
    if (embeddingSize > 0) {
      const embedded = gatherRows(tokens, this.#parameter('embedding.weight'), new Matrix(1, embeddingSize));
      this.#traces.set('embedding', embedded);
      return embedded;
    }
    const oneHot = new Matrix(tokens.length, input.kind === 'tokens' ? input.symbols : 0);
    tokens.forEach((token, row) => {
      oneHot.set(row, token, 1);
    });
    return oneHot;
  }

  #leaveInput(dx: Matrix): void {
    if (this.#spec.embeddingSize === 0) return;
    const table = this.#parameter('embedding.weight');
    this.#traces.set('embedding.gradient', dx);
    const zero = new Matrix(table.rows, table.cols);
    this.#gradients.set('embedding.weight', scatterAddRows(this.#batch.tokens ?? [], dx, zero));
  }

  // The states of a label lie in its row: h of every part, then c of each.
  #start(): readonly State[] {
    const { layers, hiddenSize, conditions, cell } = this.#spec;
    const { batch } = this.#batch;
    const parts = layers * this.#directions;
    if (this.#options.start) return this.#options.start;
    const zero = new Matrix(batch, hiddenSize);
    if (conditions === 0) return Array.from({ length: parts }, () => ({ h: zero, c: zero }));
    const table = this.#parameter('initial.weight');
    const rows = gatherRows(this.#batch.conditions ?? [], table, new Matrix(1, table.cols));
    const state = (index: number) => rows.colsFrom(index * hiddenSize, hiddenSize);
    return Array.from({ length: parts }, (_, part) => ({
      h: state(part),
      c: cell === 'lstm' ? state(parts + part) : zero,
    }));
  }

  #leaveStart(starts: readonly State[]): void {
    if (this.#spec.conditions === 0) return;
    const table = this.#parameter('initial.weight');
    const states = [...starts.map(({ h }) => h), ...(this.#spec.cell === 'lstm' ? starts.map(({ c }) => c) : [])];
    const zero = new Matrix(table.rows, table.cols);
    this.#gradients.set('initial.weight', scatterAddRows(this.#batch.conditions ?? [], joined(states), zero));
  }

  #part(index: number, x: Matrix, { h, c }: State): CellTwin {
    const { cell, relu } = this.#spec;
    const { steps, batch, lengths } = this.#batch;
    const names = parameterNames(index, this.#directions);
    const p: RecurrentParameters = {
      weightIh: this.#parameter(`recurrent.${names.weightIh}`),
      weightHh: this.#parameter(`recurrent.${names.weightHh}`),
      biasIh: this.#parameter(`recurrent.${names.biasIh}`),
      biasHh: this.#parameter(`recurrent.${names.biasHh}`),
    };
    const reverse = index % this.#directions === 1;
    const part = runCell(cell, relu, { steps, batch, reverse, lengths }, x, p, h, c);
    this.#name(index, part.traces);
    return part;
  }

  #leave(index: number, gradients: RecurrentParameters): void {
    const names = parameterNames(index, this.#directions);
    for (const key of ['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const) {
      this.#gradients.set(`recurrent.${names[key]}`, gradients[key]);
    }
  }

  #name(index: number, traces: ReadonlyMap<string, Matrix>): void {
    const layer = Math.floor(index / this.#directions);
    const prefix = `recurrent.l${layer}.${index % this.#directions === 1 ? 'reverse.' : ''}`;
    for (const [name, matrix] of traces) this.#traces.set(prefix + name, matrix);
  }

  #pool(y: Matrix, top: readonly CellTwin[]) {
    const { pooling } = this.#spec;
    const { steps, batch } = this.#batch;
    const lengths = this.#batch.lengths ?? new Array<number>(batch).fill(steps);
    const maximum = maxSteps(y, lengths);
    const pooled =
      pooling === 'last' ? joined(top.map(({ hn }) => hn)) : pooling === 'mean' ? meanSteps(y, lengths) : maximum.y;
    this.#traces.set('pooled', pooled);
    return {
      y: pooled,
      last: pooling === 'last',
      dy: (dpooled: Matrix): Matrix => {
        this.#traces.set('pooled.gradient', dpooled);
        if (pooling === 'last') return new Matrix(y.rows, y.cols);
        return pooling === 'mean'
          ? meanStepsBackward(steps, dpooled, lengths)
          : maxStepsBackward(steps, dpooled, maximum.argmax);
      },
    };
  }

  #loss(logits: Matrix): { readonly loss: number; readonly outputs: Matrix; readonly dlogits: Matrix } {
    const { targetValues, targetLabels = [], batch } = this.#batch;
    const { lossScale } = this.#options;
    if (targetValues) {
      return {
        loss: squaredError(logits, targetValues),
        outputs: logits,
        dlogits: squaredErrorBackward(logits, targetValues, lossScale),
      };
    }
    const targets = { classes: targetLabels, ignore: IGNORED, batch };
    const { total, probabilities } = crossEntropy(logits, targets);
    return { loss: total, outputs: probabilities, dlogits: crossEntropyBackward(probabilities, targets, lossScale) };
  }

  // Factors for [steps * B, directions * H]: 0 or 1 / (1 - rate). Each direction's columns start a panel of eight.
  #mask(steps: number, stream: number): Matrix {
    const { hiddenSize, seed } = this.#spec;
    const { batch } = this.#batch;
    const { dropout } = this.#options;
    const mask = new Matrix(steps * batch, this.#directions * hiddenSize);
    if (!dropout) {
      mask.data.fill(1);
      return mask;
    }
    const stored = Math.ceil(hiddenSize / 8) * 8;
    const draw = { rate: dropout.rate, seed, update: dropout.update, stream };
    const kept = dropoutMask({ steps, batch, offset: 0, cols: this.#directions * stored }, draw);
    for (let row = 0; row < mask.rows; row++) {
      for (let c = 0; c < mask.cols; c++) {
        const column = Math.floor(c / hiddenSize) * stored + (c % hiddenSize);
        mask.set(row, c, kept.at(row, column) / (1 - dropout.rate));
      }
    }
    return mask;
  }
}

function joined(parts: readonly Matrix[]): Matrix {
  return parts.slice(1).reduce(joinCols, parts[0]!);
}

function times(a: Matrix, b: Matrix): Matrix {
  return new Matrix(
    a.rows,
    a.cols,
    a.data.map((value, i) => value * b.data[i]!),
  );
}
