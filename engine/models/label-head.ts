/** A linear head whose softmax names a label, with its cross-entropy; parameters head.weight and head.bias. */
import { ROW_BYTES, rowsOf, type Matrix } from '../core/arena.ts';
import { Linear } from '../layers/linear.ts';
import { IGNORED } from '../tasks/task.ts';
import type { Pass, Plan, Share } from '../team/network.ts';
import type { ModelSpec } from './spec.ts';
import { giveValues, outputSteps, takeIntegers, type Staging } from './staging.ts';

interface Floats {
  readonly f32: Float32Array;
}

export class LabelHead {
  /** Probabilities. */
  readonly outputs: Matrix;
  readonly #linear: Linear;
  readonly #labels: number;
  readonly #targets: number;
  readonly #share: Share;
  readonly #perStep: boolean;

  constructor(plan: Plan, spec: ModelSpec, x: Matrix, dx: Matrix) {
    const { output } = spec;
    if (output.kind !== 'labels') throw new TypeError('This architecture names labels, and gives no numbers.');
    const rows = outputSteps(spec) * plan.share.batch;
    this.#share = plan.share;
    this.#perStep = output.per === 'step';
    this.#labels = output.count;
    this.#targets = plan.activations.take(rows * 4);
    this.#linear = new Linear(plan, { name: 'head', x, outputs: output.count, dx });
    this.outputs = plan.activations.matrix(rows, [output.count]);
    const add = (name: string, matrix: Matrix) => plan.traces.push({ name, matrix, time: this.#perStep, skip: 0 });
    add('logits', this.#linear.y);
    add('logits.gradient', this.#linear.dy);
    add('outputs', this.outputs);
  }

  takeTargets({ core, steps }: Pass, batchSize: number, staging: Staging): void {
    takeIntegers(core, this.#share, this.#perStep ? steps : 1, batchSize, staging.targetLabels, this.#targets);
  }

  /** Steps `from` to `pass.steps`; gives the sum of their losses. */
  forward({ core, steps }: Pass, from = 0): number {
    const { batch } = this.#share;
    const [rows, first] = this.#perStep ? [(steps - from) * batch, from * batch] : [batch, 0];
    this.#linear.forward(core, rows, first);
    const { y } = this.#linear;
    return core.kernels.f32_cross_entropy(
      rows,
      this.#labels,
      y.at + first * ROW_BYTES,
      y.stride,
      this.#targets + first * 4,
      IGNORED,
      batch,
      0,
      this.outputs.at + first * ROW_BYTES,
      this.outputs.stride,
      0,
    );
  }

  backward({ core, steps, lossScale }: Pass): void {
    const { batch } = this.#share;
    const rows = this.#perStep ? steps * batch : batch;
    const { dy } = this.#linear;
    core.kernels.f32_cross_entropy_backward(
      rows,
      this.#labels,
      this.outputs.at,
      this.outputs.stride,
      this.#targets,
      IGNORED,
      batch,
      0,
      lossScale,
      dy.at,
      dy.stride,
    );
    this.#linear.backward(core, rows);
  }

  give({ core, steps }: Pick<Pass, 'core' | 'steps'>, batchSize: number, staging: Staging): void {
    giveValues(core, this.#share, this.#perStep ? steps : 1, batchSize, this.outputs, staging.outputs);
  }

  /** Probabilities of one item at one step, a copy. */
  at(core: Floats, step: number, item: number): Float32Array {
    return this.#row(this.outputs, core, step, item);
  }

  /** The same before the softmax. */
  logitsAt(core: Floats, step: number, item: number): Float32Array {
    return this.#row(this.#linear.y, core, step, item);
  }

  #row(matrix: Matrix, { f32 }: Floats, step: number, item: number): Float32Array {
    const row = rowsOf(matrix, step * this.#share.batch + item, 1);
    return Float32Array.from(
      { length: this.#labels },
      (_, c) => f32[(row.at + (c >> 3) * row.stride) / 4 + (c & 7)] ?? NaN,
    );
  }
}
