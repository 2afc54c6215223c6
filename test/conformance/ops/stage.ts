/**
 * How a case's tensors reach a team of threads: they lie row-major in shared memory, [outer, B, width], and every
 * thread takes its own items of the batch from there and gives its results back.
 */
import { columnOffsets, ROW_BYTES, type Matrix } from '../../../engine/core/arena.ts';
import type { Core } from '../../../engine/core/core.ts';
import { takeIntegers } from '../../../engine/models/staging.ts';
import type { Network, Plan, Share } from '../../../engine/team/network.ts';
import { sizeOf } from '../case.ts';

export interface Place {
  readonly at: number;
  /** As the case has it; [outer, B, width] in memory. */
  readonly shape: readonly number[];
  readonly outer: number;
  readonly width: number;
  readonly dtype: 'f32' | 'i32';
}

/** A network whose inputs, outputs and gradients lie on a stage. */
export interface StagedNetwork extends Network {
  readonly stage: Stage;
}

export class Stage {
  /** By name: 'inputs.x', 'outputs.y', 'upstream.y', 'grads.x'. */
  readonly places = new Map<string, Place>();
  readonly #plan: Plan;
  readonly #share: Share;
  readonly #batchSize: number;

  constructor(plan: Plan, batchSize: number) {
    this.#plan = plan;
    this.#share = plan.share;
    this.#batchSize = batchSize;
  }

  values(name: string, shape: readonly number[], outer: number, width: number): Place {
    return this.#add(name, { shape, outer, width, dtype: 'f32' });
  }

  /** One a step and item. */
  integers(name: string, shape: readonly number[], outer: number): Place {
    return this.#add(name, { shape, outer, width: 1, dtype: 'i32' });
  }

  /** This share's items into the true columns of `to`; `from` is the first of `outer` blocks. */
  take(core: Core, place: Place, to: Matrix, outer = place.outer, from = 0): void {
    this.#eachElement(place, to, outer, from, (staged, own) => (core.f32[own] = core.f32[staged] ?? NaN));
  }

  /** The reverse. */
  give(core: Core, from: Matrix, place: Place, outer = place.outer, to = 0): void {
    this.#eachElement(place, from, outer, to, (staged, own) => (core.f32[staged] = core.f32[own] ?? NaN));
  }

  takeIntegers(core: Core, place: Place, to: number): void {
    takeIntegers(core, this.#share, place.outer, this.#batchSize, place.at, to);
  }

  #add(name: string, place: Omit<Place, 'at'>): Place {
    const added = { ...place, at: this.#plan.staging.take(place.outer * this.#batchSize * place.width * 4) };
    if (sizeOf(place.shape) !== place.outer * this.#batchSize * place.width) {
      throw new Error(`${name} [${place.shape.join(', ')}] does not lie in batches of ${this.#batchSize}`);
    }
    this.places.set(name, added);
    return added;
  }

  // Calls `move` with the indices, in floats, of each element in shared memory and in this share's matrix.
  #eachElement(
    { at, width }: Place,
    matrix: Matrix,
    outer: number,
    first: number,
    move: (staged: number, own: number) => void,
  ): void {
    const { batch, offset } = this.#share;
    const columns = columnOffsets(matrix);
    for (let o = 0; o < outer; o++) {
      for (let b = 0; b < batch; b++) {
        const staged = at / 4 + ((first + o) * this.#batchSize + offset + b) * width;
        const own = matrix.at + (o * batch + b) * ROW_BYTES;
        columns.forEach((column, c) => {
          move(staged + c, (own + column) / 4);
        });
      }
    }
  }
}
