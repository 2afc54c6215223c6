/**
 * A trained model put to use: one item at a time, on one thread, in a memory of its own. It can read an input as a whole,
 * or go on symbol by symbol from the state it is in.
 */
import type { CoreModule } from '../core/core.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkTensors, type FloatTensors } from '../formats/checkpoint.ts';
import type { EncodedInput } from '../tasks/task.ts';
import { writeParameter } from '../team/parameters.ts';
import { COMMANDS } from '../team/replica.ts';
import { Team } from '../team/team.ts';
import { specFor, type TaskShape } from './from-experiment.ts';
import { buildModel } from './build.ts';
import { fitInput, lengthLimits, type LengthLimits } from './input-length.ts';
import type { Model } from './model.ts';
import type { ModelSpec } from './spec.ts';
import { outputWidth, stagedBuffers } from './staging.ts';
import { TransformerModel } from './transformer-model.ts';

export interface PredictorOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly task: TaskShape;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** The most steps of one input. */
  readonly steps: number;
  /** Named in errors about the weights. */
  readonly sourceName: string;
  readonly trace?: boolean;
}

export class Predictor {
  readonly spec: ModelSpec;
  readonly team: Team<Model>;
  readonly #buffers: ReturnType<typeof stagedBuffers>;
  readonly #limits: LengthLimits;
  /** What a transformer has read so far: its state. */
  #read: readonly number[] = [];

  /** Throws FormatError where the weights are not the model's. */
  static async load(options: PredictorOptions): Promise<Predictor> {
    const { core, experiment, task, weights, steps, sourceName, trace } = options;
    const { model } = experiment;
    const oneWay = model.architecture === 'recurrent' && !model.bidirectional;
    const limits = lengthLimits(experiment, task.kind);
    const spec = specFor(experiment, task, {
      steps: limits.window ?? Math.max(1, steps),
      batchSize: 1,
      lengths: false,
      stateful: limits.window !== undefined || (oneWay && task.output.per === 'step'),
      trace: trace ?? false,
    });
    const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const team = await Team.start({ core, spec, build: buildModel, batchSize: 1, threads: 1, optimizer });
    const predictor = new Predictor(spec, team, limits);
    predictor.setWeights(weights, sourceName);
    return predictor;
  }

  private constructor(spec: ModelSpec, team: Team<Model>, limits: LengthLimits) {
    this.spec = spec;
    this.team = team;
    this.#limits = limits;
    this.#buffers = stagedBuffers(team.core, spec, this.#model.staging);
  }

  /** Takes other weights of the same model, as those of a later update. Throws FormatError where they are not the model's. */
  setWeights(weights: FloatTensors, sourceName: string): void {
    const { core, layout } = this.team;
    const { list } = layout.parameters;
    checkTensors(weights, new Map(list.map(({ name, shape }) => [name, shape])), sourceName);
    for (const parameter of list) {
      const tensor = weights.get(parameter.name);
      if (tensor) writeParameter(core.f32, parameter, tensor.data);
    }
    this.team.run(COMMANDS.refresh);
  }

  /** As much of an input as the model takes. Throws InputError where it has more steps than there are learned positions. */
  fit(input: EncodedInput): EncodedInput {
    return fitInput(this.#limits, input);
  }

  /**
   * The outputs for one whole input: [T, N], [N] or [K], a copy; T: those of it that `fit` leaves. `continues`: from the
   * state the last input ended in. Throws InputError as `fit` does.
   */
  run(given: EncodedInput, continues = false): Float32Array {
    const input = this.fit(given);
    const { tokens, values, lengths, conditions, targetLabels } = this.#buffers;
    if (input.steps > this.spec.steps) {
      throw new RangeError(`An input of ${input.steps} steps, where ${this.spec.steps} were planned.`);
    }
    if (this.#model instanceof TransformerModel && this.spec.stateful)
      return this.#readOn(this.#model, input, continues);
    if (input.tokens) tokens?.set(input.tokens);
    if (input.values) values?.set(input.values);
    lengths.fill(input.steps);
    conditions?.fill(input.condition ?? 0);
    targetLabels?.fill(-1);
    const { control, core } = this.team;
    control.setWord('steps', input.steps);
    control.setWord('columns', 1);
    control.setWord('training', 0);
    control.setWord('continues', continues ? 1 : 0);
    this.team.run(COMMANDS.forward);
    this.#model.giveOutputs({ core, steps: input.steps });
    const at = this.#model.staging.outputs / 4;
    const rows = this.spec.output.per === 'step' ? input.steps : 1;
    return core.f32.slice(at, at + rows * outputWidth(this.spec));
  }

  // Computes the new steps alone, from keys and values that are kept. Where the window is full, its later half is read anew.
  #readOn(
    model: TransformerModel,
    { steps, tokens = new Int32Array() }: EncodedInput,
    continues: boolean,
  ): Float32Array {
    const { core } = this.team;
    const room = this.spec.steps - steps;
    const kept = continues ? this.#read : [];
    const full = kept.length > room;
    const before = full ? kept.slice(kept.length - Math.min(room, Math.floor(this.spec.steps / 2))) : kept;
    const all = [...before, ...tokens];
    this.#buffers.tokens?.set(all);
    this.#buffers.targetLabels?.fill(-1);
    const pass = {
      core,
      steps: all.length,
      sourceSteps: 0,
      columns: 1,
      training: false,
      update: 0,
      continues: false,
      lossScale: 0,
      dropout: 0,
      teacherForcing: 1,
    };
    this.team.control.setWord('steps', all.length);
    model.takeBatch(pass);
    model.forwardFrom(pass, full ? 0 : before.length);
    model.giveOutputs(pass);
    this.#read = all;
    const width = outputWidth(this.spec);
    const at = model.staging.outputs / 4;
    return core.f32.slice(at + before.length * width, at + all.length * width);
  }

  get #model(): Model {
    const [placed] = this.team.layout.placed;
    if (!placed) throw new Error('A team has at least one thread.');
    return placed.network;
  }
}
