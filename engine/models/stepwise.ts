/** Runs a decoding model step by step in the calling thread, one hypothesis in each column of the batch. */
import { columnOffsets, ROW_BYTES } from '../core/arena.ts';
import type { AttentionChange } from '../layers/attention.ts';
import type { BatchBuffers } from '../tasks/task.ts';
import type { Pass } from '../team/network.ts';
import { COMMANDS } from '../team/replica.ts';
import type { Team } from '../team/team.ts';
import type { DecodingModel } from './decoding-model.ts';
import { stagedBuffers } from './staging.ts';
import type { ModelSpec } from './spec.ts';

/** What one query gives its weight to. */
export interface AttentionRow {
  /** 'attention', 'decoder.layers.0.multihead_attn'. */
  readonly name: string;
  readonly head: number;
  readonly weights: Float32Array;
}

/** Puts weights in place of a query's own, or silences heads; attentions by name. */
export type AttentionChanges = ReadonlyMap<string, AttentionChange>;

export class StepwiseModel {
  readonly spec: ModelSpec;
  readonly #team: Team<DecodingModel>;
  readonly #buffers: BatchBuffers;
  #step = 0;
  #sourceSteps = 0;

  /** The team has one thread. */
  constructor(team: Team<DecodingModel>, spec: ModelSpec) {
    if (team.threads !== 1) throw new RangeError('Step by step a model runs on one thread.');
    this.spec = spec;
    this.#team = team;
    this.#buffers = stagedBuffers(team.core, spec, this.model.staging);
  }

  get model(): DecodingModel {
    const [placed] = this.#team.layout.placed;
    if (!placed) throw new Error('A team has at least one thread.');
    return placed.network;
  }

  /** Steps that have been taken. */
  get step(): number {
    return this.#step;
  }

  /** Brings what is derived from the parameters up to date, after they were written. */
  refresh(): void {
    this.#team.run(COMMANDS.refresh);
  }

  /** Begins anew, with a source (empty: none) that is the same in every column. */
  start(source: Int32Array, changes: AttentionChanges = new Map()): void {
    const { sourceTokens, sourceLengths, lengths, targetLabels, batchSize } = this.#buffers;
    if (source.length > this.spec.sourceSteps) {
      throw new RangeError(`A source of ${source.length} steps, where ${this.spec.sourceSteps} were planned.`);
    }
    source.forEach((symbol, s) => sourceTokens?.fill(symbol, s * batchSize, (s + 1) * batchSize));
    sourceLengths?.fill(source.length);
    lengths.fill(this.spec.steps);
    targetLabels?.fill(-1);
    this.#step = 0;
    this.#sourceSteps = source.length;
    for (const { name, attention } of this.model.attentions) attention.change = changes.get(name);
    const pass = this.#pass(1);
    this.model.takeBatch(pass);
    this.model.readSource(pass);
  }

  /** What the decoder starts from, after `start`: its states one after the other, layer by layer, h before c. */
  get startState(): Float32Array {
    const { f32 } = this.#team.core;
    return Float32Array.from(this.#startPlaces(0), (place) => f32[place] ?? NaN);
  }

  /** Another state for every column to start from: between `start` and the first `feed`. */
  setStartState(values: ArrayLike<number>): void {
    const { f32 } = this.#team.core;
    for (let column = 0; column < this.spec.batchSize; column++) {
      this.#startPlaces(column).forEach((place, i) => (f32[place] = values[i] ?? 0));
    }
  }

  /** Feeds each column its symbol; gives each one's probabilities of what follows, [V]. */
  feed(symbols: readonly number[]): readonly Float32Array[] {
    const { tokens, batchSize } = this.#buffers;
    if (this.#step >= this.spec.steps) throw new RangeError(`Only ${this.spec.steps} steps were planned.`);
    const t = this.#step++;
    symbols.forEach((symbol, b) => tokens?.fill(symbol, t * batchSize + b, t * batchSize + b + 1));
    const pass = this.#pass(t + 1);
    this.model.takeBatch(pass);
    this.model.forwardFrom(pass, t);
    return symbols.map((_, b) => this.model.head.at(this.#team.core, t, b));
  }

  /** What a column's probabilities of the last step come from, [V]. */
  logits(column: number): Float32Array {
    return this.model.head.logitsAt(this.#team.core, this.#step - 1, column);
  }

  /** Column b goes on from where column parents[b] was. */
  reorder(parents: readonly number[]): void {
    if (parents.every((parent, b) => parent === b)) return;
    const { f32 } = this.#team.core;
    const { batchSize } = this.spec;
    const before = new Float32Array(batchSize * 8);
    for (const { matrix, ahead } of this.model.caches) {
      for (let panel = 0; panel < matrix.panels; panel++) {
        for (let step = 0; step < this.#step + ahead; step++) {
          const at = (matrix.at + panel * matrix.stride + step * batchSize * ROW_BYTES) / 4;
          before.set(f32.subarray(at, at + batchSize * 8));
          parents.forEach((parent, b) => f32.set(before.subarray(parent * 8, parent * 8 + 8), at + b * 8));
        }
      }
    }
  }

  /** Where a column looked at the last step: at the source, or with `all` at what it wrote too. */
  attention(column: number, all = false): readonly AttentionRow[] {
    const { f32 } = this.#team.core;
    const t = this.#step - 1;
    return this.model.attentions
      .filter(({ name, overSource }) => !name.startsWith('encoder') && (overSource || all))
      .flatMap(({ name, attention, heads, overSource }) => {
        const keys = overSource ? this.#sourceSteps : this.#step;
        return Array.from({ length: heads }, (_, head) => {
          const { at, stride } = attention.weightsOf(column, head);
          const place = (s: number) => (at + (s >> 3) * stride + t * ROW_BYTES) / 4 + (s & 7);
          return { name, head, weights: Float32Array.from({ length: keys }, (__, s) => f32[place(s)] ?? NaN) };
        });
      });
  }

  #startPlaces(column: number): readonly number[] {
    return this.model.starts.flatMap((matrix) =>
      Array.from(columnOffsets(matrix), (offset) => (matrix.at + column * ROW_BYTES + offset) / 4),
    );
  }

  #pass(steps: number): Pass {
    return {
      core: this.#team.core,
      steps,
      sourceSteps: this.#sourceSteps,
      columns: this.spec.batchSize,
      training: false,
      update: 0,
      continues: false,
      lossScale: 0,
      dropout: 0,
      teacherForcing: 1,
    };
  }
}
