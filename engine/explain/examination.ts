/**
 * Looking at a trained model closely: one sequence through it, every gate, state and gradient of every step kept, and each
 * number explained down to weights and inputs (cell-quantities.ts). Nothing is trained, and no dropout is active.
 */
import type { CoreModule } from '../core/core.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkTensors, type FloatTensors } from '../formats/checkpoint.ts';
import { recurrentSpecFor } from '../models/from-experiment.ts';
import { buildRecurrentModel, type RecurrentModel } from '../models/recurrent-model.ts';
import type { RecurrentSpec } from '../models/spec.ts';
import { outputWidth, stagedBuffers } from '../models/staging.ts';
import type { Example } from '../tasks/examples.ts';
import type { TaskCodec } from '../tasks/task.ts';
import { IGNORED } from '../tasks/task.ts';
import { writeParameter } from '../team/parameters.ts';
import { COMMANDS } from '../team/replica.ts';
import { Team } from '../team/team.ts';
import { traceNames, traceView } from '../team/traces.ts';
import { applyHolds } from './apply-holds.ts';
import type { CellReading } from './cell-quantities.ts';
import type { Hold } from './holds.ts';

export interface ExaminationOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** The most steps of a sequence. */
  readonly steps: number;
  /** Named in errors about the weights. */
  readonly sourceName: string;
}

/** What an item's end says. */
export interface Outcome {
  /** [T, N] or [N]: probabilities, or numbers; row-major. */
  readonly outputs: Float32Array;
  /** N */
  readonly width: number;
  /** The mean over what is asked, in nats or squared error; null where nothing is asked. */
  readonly loss: number | null;
}

export class Examination {
  readonly spec: RecurrentSpec;
  readonly #team: Team<RecurrentModel>;
  readonly #network: RecurrentModel;
  readonly #weights: FloatTensors;
  readonly #buffers: ReturnType<typeof stagedBuffers>;
  #example: Example | undefined;
  #holds: readonly Hold[] = [];

  /** Throws FormatError where the weights are not the model's. */
  static async load({ core, experiment, codec, weights, steps, sourceName }: ExaminationOptions): Promise<Examination> {
    const shape = { steps, batchSize: 1, lengths: false, stateful: false, trace: true } as const;
    const spec = { ...recurrentSpecFor(experiment, codec, shape), holding: true };
    const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const team = await Team.start({ core, spec, build: buildRecurrentModel, batchSize: 1, threads: 1, optimizer });
    const { list } = team.layout.parameters;
    checkTensors(weights, new Map(list.map(({ name, shape }) => [name, shape])), sourceName);
    for (const parameter of list) writeParameter(team.core.f32, parameter, weights.get(parameter.name)!.data);
    team.run(COMMANDS.refresh);
    return new Examination(spec, team, weights);
  }

  private constructor(spec: RecurrentSpec, team: Team<RecurrentModel>, weights: FloatTensors) {
    this.spec = spec;
    this.#team = team;
    this.#weights = weights;
    this.#network = team.layout.placed[0]!.network;
    this.#buffers = stagedBuffers(team.core, spec, this.#network.staging);
  }

  /**
   * Forward, and backward where the example has a target, with what is held. What is told afterwards is of this pass.
   * Throws RangeError where a hold is not of this model.
   */
  read(example: Example, holds: readonly Hold[] = []): Outcome {
    const { tokens, values, lengths, conditions, targetLabels, targetValues } = this.#buffers;
    if (example.steps > this.spec.steps) {
      throw new RangeError(`A sequence of ${example.steps} steps, where ${this.spec.steps} were planned.`);
    }
    applyHolds(this.#team.core.f32, this.#network, this.spec, holds);
    this.#holds = holds;
    if (example.tokens) tokens?.set(example.tokens);
    if (example.values) values?.set(example.values);
    lengths.fill(example.steps);
    conditions?.fill(example.condition ?? 0);
    targetLabels?.fill(IGNORED);
    if (example.targetLabels) targetLabels?.set(example.targetLabels);
    if (example.targetValues) targetValues?.set(example.targetValues);
    const asked = askedOf(example);
    const { control, core } = this.#team;
    control.setWord('steps', example.steps);
    control.setWord('columns', 1);
    control.setWord('training', 0);
    control.setWord('continues', 0);
    control.setValue('lossScale', asked > 0 ? 1 / asked : 0);
    this.#team.run(asked > 0 ? COMMANDS.gradients : COMMANDS.forward);
    this.#example = example;
    this.#network.giveOutputs({ core, steps: example.steps });
    const width = outputWidth(this.spec);
    const at = this.#network.staging.outputs / 4;
    const rows = this.spec.output.per === 'step' ? example.steps : 1;
    const outputs = core.f32.slice(at, at + rows * width);
    return { outputs, width, loss: asked > 0 ? control.loss(1) / asked : null };
  }

  /** Everything of one layer and direction that `cellQuantity` explains. `read` comes before. */
  reading(layer: number, reverse: boolean): CellReading {
    const example = this.#read;
    const { cell, relu, hiddenSize: units } = this.spec;
    const start = this.#start(layer, reverse);
    return {
      cell,
      relu,
      layer,
      reverse,
      steps: example.steps,
      units,
      traces: this.#traces(layer, reverse, false),
      input: this.#input(layer),
      weights: this.#weights,
      holds: this.#holds,
      ...(start === undefined ? {} : { start }),
    };
  }

  /** Of the loss, by each gate and state of one layer and direction, [T, H] by name; empty where nothing is asked. */
  gradients(layer: number, reverse: boolean): Readonly<Record<string, Float32Array>> {
    return askedOf(this.#read) > 0 ? this.#traces(layer, reverse, true) : {};
  }

  get #read(): Example {
    if (this.#example === undefined) throw new Error('Nothing has been read yet.');
    return this.#example;
  }

  #traces(layer: number, reverse: boolean, gradients: boolean): Record<string, Float32Array> {
    const prefix = `recurrent.l${layer}${reverse ? '.reverse' : ''}.`;
    const ending = '.gradient';
    const found: Record<string, Float32Array> = {};
    for (const name of traceNames(this.#team)) {
      if (!name.startsWith(prefix) || name.endsWith(ending) !== gradients) continue;
      const part = gradients ? name.slice(prefix.length, -ending.length) : name.slice(prefix.length);
      if (/^\w+$/u.test(part)) found[part] = traceView(this.#team, name).toArray();
    }
    return found;
  }

  #input(layer: number): CellReading['input'] {
    const { tokens, values } = this.#read;
    if (layer > 0) {
      const below = [false, ...(this.spec.bidirectional ? [true] : [])].map(
        (reverse) => this.#traces(layer - 1, reverse, false)['hidden']!,
      );
      return { values: sideBySide(below, this.spec.hiddenSize) };
    }
    if (this.spec.input.kind === 'values') return { values: values! };
    return this.spec.embeddingSize > 0 ? { values: traceView(this.#team, 'embedding').toArray() } : { tokens: tokens! };
  }

  /** The state that a label's sequence is grown from. initial.weight: h of every layer and direction, then c of each. */
  #start(layer: number, reverse: boolean): CellReading['start'] {
    const { conditions, hiddenSize, layers, bidirectional, cell } = this.spec;
    const table = this.#weights.get('initial.weight');
    if (conditions === 0 || table === undefined) return undefined;
    const directions = bidirectional ? 2 : 1;
    const row = (this.#read.condition ?? 0) * table.shape[1]!;
    const state = layer * directions + (reverse ? 1 : 0);
    const at = (index: number): Float32Array =>
      table.data.slice(row + index * hiddenSize, row + (index + 1) * hiddenSize);
    const hidden = at(state);
    return cell === 'lstm' ? { hidden, cell: at(layers * directions + state) } : { hidden };
  }
}

function askedOf({ targetLabels, targetValues }: Example): number {
  if (targetLabels) return targetLabels.reduce((asked, label) => asked + (label === IGNORED ? 0 : 1), 0);
  return targetValues?.length ?? 0;
}

/** Matrices [T, width] as one of [T, width * n]. */
function sideBySide(parts: readonly Float32Array[], width: number): Float32Array {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? new Float32Array();
  const steps = first.length / width;
  const joined = new Float32Array(parts.length * first.length);
  parts.forEach((part, place) => {
    for (let step = 0; step < steps; step++) {
      joined.set(part.subarray(step * width, (step + 1) * width), (step * parts.length + place) * width);
    }
  });
  return joined;
}
