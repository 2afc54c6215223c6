/**
 * The recurrent model behind every task: symbols (embedded or one-hot) or numbers go into a stack of recurrent layers;
 * its outputs, or one vector pooled from them, go through a linear head into a loss. A generator's sequence starts from
 * a state that is looked up by its label.
 *
 * Parameters: embedding.weight, recurrent.*, initial.weight, head.weight, head.bias.
 */
import { segmentsOf, type Matrix } from '../core/arena.ts';
import { Dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { SequencePooling } from '../layers/pooling.ts';
import { Recurrent } from '../layers/recurrent.ts';
import { IGNORED } from '../tasks/task.ts';
import type { BuildNetwork } from '../team/layout.ts';
import type { Pass, Plan, Share } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import type { CarriedState, Model } from './model.ts';
import type { RecurrentSpec } from './spec.ts';
import {
  giveValues,
  outputSteps,
  outputWidth,
  planStaging,
  takeIntegers,
  takeValues,
  type Staging,
} from './staging.ts';

export class RecurrentModel implements Model {
  readonly staging: Staging;
  readonly recurrent: Recurrent;
  readonly head: Linear;
  /** What the model says: probabilities, or numbers. */
  readonly outputs: Matrix;
  readonly #spec: RecurrentSpec;
  readonly #share: Share;
  readonly #gradientOffset: number;
  readonly #tokens: number;
  readonly #values: Matrix | undefined;
  readonly #lengths: number;
  readonly #conditions: number;
  readonly #targetLabels: number;
  readonly #targetValues: Matrix | undefined;
  readonly #embedding: Embedding | undefined;
  readonly #initial: Parameter | undefined;
  readonly #pooling: SequencePooling | undefined;
  readonly #dropout: Dropout | undefined;

  constructor(plan: Plan, spec: RecurrentSpec) {
    const { input, output, steps, conditions, embeddingSize } = spec;
    const { activations, share } = plan;
    const rows = steps * share.batch;
    const outputRows = outputSteps(spec) * share.batch;
    this.#spec = spec;
    this.#share = share;
    this.#gradientOffset = plan.gradientOffset;
    this.staging = planStaging(plan, spec);
    this.#tokens = input.kind === 'tokens' ? activations.take(rows * 4) : 0;
    this.#values = input.kind === 'values' ? activations.matrix(rows, [input.width]) : undefined;
    this.#lengths = spec.lengths ? activations.take(share.batch * 4) : 0;
    this.#conditions = conditions > 0 ? activations.take(share.batch * 4) : 0;
    this.#targetLabels = output.kind === 'labels' ? activations.take(outputRows * 4) : 0;
    this.#targetValues = output.kind === 'values' ? activations.matrix(share.batch, [output.width]) : undefined;

    this.#embedding =
      input.kind === 'tokens' && embeddingSize > 0
        ? new Embedding(plan, {
            name: 'embedding',
            ids: this.#tokens,
            rows,
            count: input.symbols,
            size: embeddingSize,
          })
        : undefined;
    this.recurrent = this.#planRecurrent(plan);
    this.#initial = conditions > 0 ? this.#planInitial(plan) : undefined;
    this.#pooling =
      output.per === 'sequence'
        ? new SequencePooling(plan, { mode: spec.pooling, recurrent: this.recurrent, lengths: this.#lengths })
        : undefined;
    const features = this.#pooling ?? this.recurrent;
    this.#dropout = spec.dropout
      ? new Dropout(plan, { x: features.y, dx: features.dy, time: !this.#pooling, seed: spec.seed, stream: 1 })
      : undefined;
    this.head = new Linear(plan, {
      name: 'head',
      x: this.#dropout?.y ?? features.y,
      outputs: outputWidth(spec),
      dx: features.dy,
    });
    this.outputs = output.kind === 'labels' ? activations.matrix(outputRows, [output.count]) : this.head.y;
    this.#publish(plan);
  }

  forward(pass: Pass): number {
    const { core, steps } = pass;
    this.#takeBatch(pass);
    this.#embedding?.forward(core, steps * this.#share.batch);
    if (!pass.continues) this.#enterStart(pass);
    this.recurrent.forward(pass);
    this.#pooling?.forward(pass);
    this.#dropout?.forward(pass);
    this.head.forward(core, this.#outputRows(steps));
    return this.#loss(pass);
  }

  backward(pass: Pass): void {
    const { core, steps, lossScale } = pass;
    const { kernels } = core;
    const rows = this.#outputRows(steps);
    const { y, dy } = this.head;
    const target = this.#targetValues;
    if (target) {
      const [width = 0] = y.segments;
      const used = this.#usedItems(pass);
      if (used < rows) kernels.f32_fill((dy.panels * dy.stride) / 4, 0, dy.at);
      kernels.f32_squared_error_backward(
        used,
        width,
        y.at,
        y.stride,
        target.at,
        target.stride,
        lossScale,
        dy.at,
        dy.stride,
      );
    } else {
      const probabilities = this.outputs;
      const [width = 0] = probabilities.segments;
      kernels.f32_cross_entropy_backward(
        rows,
        width,
        probabilities.at,
        probabilities.stride,
        this.#targetLabels,
        IGNORED,
        this.#share.batch,
        0,
        lossScale,
        dy.at,
        dy.stride,
      );
    }
    this.head.backward(core, rows);
    this.#dropout?.backward(pass);
    this.#pooling?.backward(pass);
    this.recurrent.backward(pass);
    if (this.#initial) this.#leaveInitial(pass, this.#initial);
    this.#embedding?.backward(core, steps * this.#share.batch);
  }

  get carried(): readonly CarriedState[] {
    if (!this.#spec.stateful) return [];
    return this.recurrent.directions.flatMap(({ start: { h, c } }, index) => [
      { name: `h.${index}`, matrix: h },
      ...(c ? [{ name: `c.${index}`, matrix: c }] : []),
    ]);
  }

  giveOutputs({ core, steps }: Pick<Pass, 'core' | 'steps'>): void {
    const outer = this.#spec.output.per === 'step' ? steps : 1;
    giveValues(core, this.#share, outer, this.#spec.batchSize, this.outputs, this.staging.outputs);
  }

  // Items of this share that are not empty.
  #usedItems({ columns }: Pass): number {
    return Math.max(0, Math.min(this.#share.batch, columns - this.#share.offset));
  }

  #outputRows(steps: number): number {
    return this.#share.batch * (this.#pooling ? 1 : steps);
  }

  #planRecurrent(plan: Plan): Recurrent {
    const { input, steps, cell, relu, hiddenSize, layers, bidirectional } = this.#spec;
    const { initial, trace, holding, window, stateful, dropout, seed } = this.#spec;
    const embedding = this.#embedding;
    return new Recurrent(plan, {
      name: 'recurrent',
      cell,
      relu,
      hiddenSize,
      layers,
      bidirectional,
      steps,
      input: embedding
        ? { kind: 'matrix', x: embedding.y, dx: embedding.dy }
        : this.#values
          ? { kind: 'matrix', x: this.#values }
          : { kind: 'symbols', ids: this.#tokens, count: input.kind === 'tokens' ? input.symbols : 0 },
      initial,
      lengths: this.#lengths,
      trace,
      holding: holding ?? false,
      window,
      stateful,
      dropout,
      seed,
    });
  }

  // [conditions, states * H]: h of every layer and direction, then, for the LSTM, c of each.
  #planInitial({ parameters }: Plan): Parameter {
    const { conditions, hiddenSize } = this.#spec;
    const states = this.#initialStates().map(() => hiddenSize);
    return parameters.table('initial.weight', conditions, states, { kind: 'normal', deviation: 0.1 });
  }

  #initialStates(): readonly Matrix[] {
    const starts = this.recurrent.directions.map(({ start }) => start);
    return [...starts.map(({ h }) => h), ...starts.flatMap(({ c }) => c ?? [])];
  }

  // The state before the first step: looked up, or zeros (which it is and stays, unless states go on).
  #enterStart({ core }: Pass): void {
    if (!this.#initial) {
      if (this.#spec.stateful) this.recurrent.clearState(core.kernels);
      return;
    }
    const { matrix } = this.#initial;
    this.#initialStates().forEach((state, index) => {
      const table = segmentsOf(matrix, index, 1);
      core.kernels.f32_gather_rows(
        this.#share.batch,
        state.panels,
        this.#conditions,
        table.at,
        table.stride,
        0,
        state.at,
        state.stride,
      );
    });
  }

  #leaveInitial({ core, steps }: Pass, { matrix }: Parameter): void {
    const gradients = this.recurrent.directions.map((direction) => direction.startGradient(steps));
    [...gradients.map(({ h }) => h), ...gradients.flatMap(({ c }) => c ?? [])].forEach((gradient, index) => {
      const table = segmentsOf(matrix, index, 1);
      core.kernels.f32_scatter_add_rows(
        this.#share.batch,
        gradient.panels,
        this.#conditions,
        gradient.at,
        gradient.stride,
        table.at + this.#gradientOffset,
        table.stride,
      );
    });
  }

  #takeBatch({ core, steps }: Pass): void {
    const { batchSize } = this.#spec;
    const share = this.#share;
    const { staging } = this;
    if (this.#tokens) takeIntegers(core, share, steps, batchSize, staging.tokens, this.#tokens);
    if (this.#values) takeValues(core, share, steps, batchSize, staging.values, this.#values);
    if (this.#lengths) takeIntegers(core, share, 1, batchSize, staging.lengths, this.#lengths);
    if (this.#conditions) takeIntegers(core, share, 1, batchSize, staging.conditions, this.#conditions);
    const outer = this.#pooling ? 1 : steps;
    if (this.#targetLabels) takeIntegers(core, share, outer, batchSize, staging.targetLabels, this.#targetLabels);
    if (this.#targetValues) takeValues(core, share, 1, batchSize, staging.targetValues, this.#targetValues);
  }

  #loss(pass: Pass): number {
    const { kernels } = pass.core;
    const rows = this.#outputRows(pass.steps);
    const { y } = this.head;
    const [width = 0] = y.segments;
    const target = this.#targetValues;
    if (target) {
      return kernels.f32_squared_error(this.#usedItems(pass), width, y.at, y.stride, target.at, target.stride);
    }
    const { outputs } = this;
    return kernels.f32_cross_entropy(
      rows,
      width,
      y.at,
      y.stride,
      this.#targetLabels,
      IGNORED,
      this.#share.batch,
      0,
      outputs.at,
      outputs.stride,
      0,
    );
  }

  #publish(plan: Plan): void {
    const time = !this.#pooling;
    const add = (name: string, matrix: Matrix | undefined, hasTime: boolean) => {
      if (matrix) plan.traces.push({ name, matrix, time: hasTime, skip: 0 });
    };
    add('input', this.#values, true);
    add('embedding', this.#embedding?.y, true);
    add('embedding.gradient', this.#embedding?.dy, true);
    add('pooled', this.#pooling?.y, false);
    add('pooled.gradient', this.#pooling?.dy, false);
    add('logits', this.head.y, time);
    add('logits.gradient', this.head.dy, time);
    add('outputs', this.outputs, time);
  }
}

export function buildRecurrentModel(spec: RecurrentSpec): BuildNetwork<RecurrentModel> {
  return (plan) => new RecurrentModel(plan, spec);
}
