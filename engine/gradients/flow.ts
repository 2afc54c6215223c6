/**
 * How a model's gradient flows back through time: the norms of dJ(t)/dh(k), for every loss step t and every step k, by
 * layer and direction; of an LSTM, of dJ(t)/dc(k) as well. One backward pass over a batch whose items are the same
 * sequence, each with the loss of one step.
 *
 * Training computes in float32, whose smallest normal number is 2^-126, about 1.2e-38: what is smaller loses digits, then
 * is zero. Such norms are found by scaling the loss by a power of two, which changes no digit of what is in range.
 */
import type { CoreModule } from '../core/core.ts';
import { UnrolledError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkTensors, type FloatTensors } from '../formats/checkpoint.ts';
import { recurrentSpecFor, type TaskShape } from '../models/from-experiment.ts';
import { buildRecurrentModel, type RecurrentModel } from '../models/recurrent-model.ts';
import type { RecurrentSpec } from '../models/spec.ts';
import { stagedBuffers } from '../models/staging.ts';
import { IGNORED, type EncodedInput } from '../tasks/task.ts';
import { writeParameter } from '../team/parameters.ts';
import { COMMANDS } from '../team/replica.ts';
import { Team } from '../team/team.ts';
import { traceView } from '../team/traces.ts';
import { norm } from './linear-algebra.ts';

/** An input with what the model should answer. */
export interface LabelledInput extends EncodedInput {
  /** [T] or [1], IGNORED where nothing is asked. */
  readonly targetLabels?: Int32Array;
  /** [K] */
  readonly targetValues?: Float32Array;
}

/** log10 of float32's smallest normal number. */
export const FLOAT32_FLOOR = Math.log10(2 ** -126);
/** What the loss is scaled by for norms near or below float32's floor, and for those above its range. */
const RESCUE = 2 ** 100;
/** Norms below this are computed again with a scaled loss. */
const SMALL = 2 ** -80;
/** Norms that have most of their digits, whatever the number of units. */
const LEAST = 2 ** -120;
/** Items of a pass: memory grows with items * T. */
const MOST_ITEMS = 32;

/** One layer's norms in one direction. */
export interface FlowMap {
  readonly layer: number;
  readonly reverse: boolean;
  readonly state: 'hidden' | 'cell';
  /** Whether each step may have a loss of its own; otherwise the sequence has one. */
  readonly perStep: boolean;
  /** The loss reaches every step without flowing back through the steps in between: it reads them all. */
  readonly direct: boolean;
  /**
   * [losses, T], log10 of the norm. NaN where no path leads from the loss to the step; -Infinity where the norm is smaller
   * than even a scaled loss can tell (about 1e-66), Infinity where it is larger than its counterpart can.
   */
  readonly norms: Float32Array;
}

export interface GradientFlow {
  /** T */
  readonly steps: number;
  /** The steps that have a loss, from 0, as many as were asked for. */
  readonly losses: readonly number[];
  /** J(t) of each, as the task measures it: nats, or squared error in normalised units. */
  readonly lossValues: readonly number[];
  readonly maps: readonly FlowMap[];
}

export interface FlowOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly task: TaskShape;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** T, of the sequences to come. */
  readonly steps: number;
  /** Named in errors about the weights. */
  readonly sourceName: string;
  /** W, as in training: no gradient goes back across multiples of so many steps; absent: all the way. */
  readonly window?: number;
}

/** Measures the gradients of one model; the weights can be replaced as it learns. */
export class FlowMeter {
  readonly spec: RecurrentSpec;
  readonly #team: Team<RecurrentModel>;
  readonly #buffers: ReturnType<typeof stagedBuffers>;

  /** Throws UnrolledError where the model has no recurrent state; FormatError where the weights are not the model's. */
  static async load(options: FlowOptions): Promise<FlowMeter> {
    const { core, experiment, task, weights, steps, sourceName, window } = options;
    requireRecurrent(experiment);
    const batchSize = task.output.per === 'step' ? Math.min(MOST_ITEMS, steps) : 1;
    const shape = { steps, batchSize, lengths: false, stateful: false, trace: true };
    const spec = { ...recurrentSpecFor(experiment, task, shape), ...(window === undefined ? {} : { window }) };
    const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const team = await Team.start({ core, spec, build: buildRecurrentModel, batchSize, threads: 1, optimizer });
    const meter = new FlowMeter(spec, team);
    meter.setWeights(weights, sourceName);
    return meter;
  }

  private constructor(spec: RecurrentSpec, team: Team<RecurrentModel>) {
    this.spec = spec;
    this.#team = team;
    this.#buffers = stagedBuffers(team.core, spec, this.#model.staging);
  }

  setWeights(weights: FloatTensors, sourceName: string): void {
    const { core, layout } = this.#team;
    const { list } = layout.parameters;
    checkTensors(weights, new Map(list.map(({ name, shape }) => [name, shape])), sourceName);
    for (const parameter of list) {
      const tensor = weights.get(parameter.name);
      if (tensor) writeParameter(core.f32, parameter, tensor.data);
    }
    this.#team.run(COMMANDS.refresh);
  }

  /** `most`: losses that are looked at, evenly chosen from the sequence's where it has more. Dropout is off. */
  measure(input: LabelledInput, most = 128): GradientFlow {
    if (input.steps > this.spec.steps) {
      throw new RangeError(`A sequence of ${input.steps} steps, where ${this.spec.steps} were planned.`);
    }
    const losses = evenly(this.#lossSteps(input), most);
    const maps = this.#emptyMaps(losses, input.steps);
    const lossValues: number[] = [];
    for (let from = 0; from < losses.length; from += this.spec.batchSize) {
      const part = losses.slice(from, from + this.spec.batchSize);
      this.#stage(input, part);
      this.#pass(input.steps, 1);
      lossValues.push(...part.map((t, item) => this.#lossOf(input, t, item)));
      const plain = this.#read(maps, part.length, input.steps);
      const small = plain.some((norms) => norms.some((norm) => norm < SMALL));
      const large = plain.some((norms) => norms.some((norm) => !Number.isFinite(norm)));
      const scaledUp = small ? this.#again(maps, part.length, input.steps, RESCUE) : undefined;
      const scaledDown = large ? this.#again(maps, part.length, input.steps, 1 / RESCUE) : undefined;
      maps.forEach(({ norms }, m) => {
        plain[m]!.forEach((norm, i) => {
          const at = from * input.steps + i;
          if (Number.isNaN(norms[at])) return;
          norms[at] = logNorm(norm, scaledUp?.[m]?.[i], scaledDown?.[m]?.[i]);
        });
      });
    }
    return { steps: input.steps, losses, lossValues, maps };
  }

  get #model(): RecurrentModel {
    const [placed] = this.#team.layout.placed;
    if (!placed) throw new Error('A team has at least one thread.');
    return placed.network;
  }

  // From 0. A loss of the whole sequence belongs to its last step.
  #lossSteps({ steps, targetLabels }: LabelledInput): readonly number[] {
    if (this.spec.output.per === 'sequence') return [steps - 1];
    const asked = Array.from({ length: steps }, (_, t) => t);
    return asked.filter((t) => (targetLabels?.[t] ?? IGNORED) !== IGNORED);
  }

  #emptyMaps(losses: readonly number[], steps: number): readonly FlowMap[] {
    const { layers, bidirectional, cell, output, pooling, window = 0 } = this.spec;
    const cut = (t: number, k: number) => window > 0 && Math.floor(k / window) < Math.floor(t / window);
    const directions = bidirectional ? [false, true] : [false];
    const states = cell === 'lstm' ? (['hidden', 'cell'] as const) : (['hidden'] as const);
    const whole = output.per === 'sequence' && (pooling !== 'last' || (bidirectional && layers > 1));
    return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
      directions.flatMap((reverse) =>
        states.map((state) => {
          const norms = new Float32Array(losses.length * steps);
          // Above, both directions read every step of what lies below.
          const direct = whole || (bidirectional && layer + 1 < layers);
          losses.forEach((t, row) => {
            for (let k = 0; k < steps; k++) {
              const reached = output.per === 'sequence' || (reverse ? k >= t : k <= t);
              norms[row * steps + k] = (direct || reached) && !cut(t, k) ? -Infinity : NaN;
            }
          });
          return { layer, reverse, state, perStep: output.per === 'step', direct, norms };
        }),
      ),
    );
  }

  #stage(input: LabelledInput, losses: readonly number[]): void {
    const B = this.spec.batchSize;
    const { tokens, values, lengths, conditions, targetLabels, targetValues } = this.#buffers;
    const width = this.spec.input.kind === 'values' ? this.spec.input.width : 0;
    lengths.fill(input.steps);
    conditions?.fill(input.condition ?? 0);
    targetLabels?.fill(IGNORED);
    for (let item = 0; item < B; item++) {
      for (let t = 0; t < input.steps; t++) {
        if (tokens) tokens[t * B + item] = input.tokens?.[t] ?? 0;
        if (values && input.values) {
          values.set(input.values.subarray(t * width, (t + 1) * width), (t * B + item) * width);
        }
      }
      if (input.targetValues) targetValues?.set(input.targetValues, item * input.targetValues.length);
      const t = losses[item];
      if (t === undefined || !targetLabels || !input.targetLabels) continue;
      if (this.spec.output.per === 'step') targetLabels[t * B + item] = input.targetLabels[t] ?? IGNORED;
      else targetLabels[item] = input.targetLabels[0] ?? IGNORED;
    }
  }

  #pass(steps: number, scale: number): void {
    const { control } = this.#team;
    const { output, batchSize } = this.spec;
    control.setWord('steps', steps);
    control.setWord('columns', batchSize);
    control.setWord('training', 0);
    control.setWord('continues', 0);
    control.setWord('update', 0);
    control.setValue('dropout', 0);
    control.setValue('lossScale', scale / (output.kind === 'values' ? output.width : 1));
    this.#team.run(COMMANDS.gradients);
  }

  #again(maps: readonly FlowMap[], items: number, steps: number, scale: number): readonly Float64Array[] {
    this.#pass(steps, scale);
    // What is this small even so has lost its digits.
    return this.#read(maps, items, steps).map((norms) => norms.map((norm) => (norm < LEAST ? 0 : norm / scale)));
  }

  // [items, T] norms of each map, in float64.
  #read(maps: readonly FlowMap[], items: number, steps: number): readonly Float64Array[] {
    return maps.map(({ layer, reverse, state }) => {
      const name = `recurrent.l${layer}${reverse ? '.reverse' : ''}.${state}.gradient`;
      const view = traceView(this.#team, name);
      const { batch, units } = view;
      const values = view.toArray();
      const out = new Float64Array(items * steps);
      for (let item = 0; item < items; item++) {
        for (let k = 0; k < steps; k++) {
          const at = (k * batch + item) * units;
          out[item * steps + k] = norm(values.subarray(at, at + units));
        }
      }
      return out;
    });
  }

  #lossOf(input: LabelledInput, t: number, item: number): number {
    const outputs = traceView(this.#team, 'outputs');
    const { output } = this.spec;
    if (output.kind === 'values') {
      const target = input.targetValues ?? new Float32Array(output.width);
      return target.reduce((sum, value, i) => sum + (outputs.at(0, item, i) - value) ** 2, 0) / target.length;
    }
    const label = input.targetLabels?.[output.per === 'step' ? t : 0] ?? IGNORED;
    return label === IGNORED ? NaN : -Math.log(outputs.at(t, item, label));
  }
}

/** Throws UnrolledError, which says what this is about. */
export function requireRecurrent({ model }: Experiment): void {
  if (model.architecture === 'recurrent') return;
  throw new UnrolledError(
    'not-recurrent',
    `The model's architecture is "${model.architecture}"; gradients are followed through time in recurrent models alone.`,
  );
}

function logNorm(plain: number, scaledUp: number | undefined, scaledDown: number | undefined): number {
  if (!Number.isFinite(plain)) return scaledDown !== undefined && scaledDown > 0 ? Math.log10(scaledDown) : Infinity;
  if (plain >= SMALL || scaledUp === undefined || !Number.isFinite(scaledUp)) return Math.log10(plain);
  return Math.log10(scaledUp);
}

function evenly(steps: readonly number[], most: number): readonly number[] {
  if (steps.length <= most) return steps;
  return Array.from({ length: most }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (most - 1))] ?? 0);
}
