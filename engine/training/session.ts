/**
 * A training session: an experiment on its task, run by a team of threads, one update at a time. Everything that the
 * next update depends on is in `checkpoint()`; a session that starts from one goes on bit for bit, given the same
 * build and number of threads.
 */
import { readMatrix, writeMatrix, type Matrix } from '../core/arena.ts';
import type { CoreModule } from '../core/core.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkModelSuitsTask, checkPositions, planUpdates, type UpdatePlan } from '../experiment/plan.ts';
import { checkTensors, type Checkpoint, type FloatTensors } from '../formats/checkpoint.ts';
import { specFor } from '../models/from-experiment.ts';
import { buildModel } from '../models/build.ts';
import { initialiseParameters } from '../models/initialise.ts';
import type { Model } from '../models/model.ts';
import type { ModelSpec } from '../models/spec.ts';
import { outputSteps, outputWidth, stagedBuffers } from '../models/staging.ts';
import type { BatchBuffers, Evaluation, Evaluator, Split, Task } from '../tasks/task.ts';
import { optimizerSlots } from '../team/optimizer.ts';
import { readParameter, writeParameter } from '../team/parameters.ts';
import { COMMANDS, type Command } from '../team/replica.ts';
import { Team, type StartThread } from '../team/team.ts';
import {
  TrainingBatches,
  evaluationBatches,
  sourceStepsNeeded,
  stepsNeeded,
  type Batch,
  type BatchSettings,
} from './batches.ts';
import { DivergenceDetector } from './divergence.ts';
import { EarlyStopping } from './early-stopping.ts';
import { GreedyDecoder } from './greedy-decoder.ts';
import { learningRateAt } from './schedule.ts';

export interface SessionOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly task: Task;
  readonly threads: number;
  readonly startThread?: StartThread<ModelSpec>;
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
  /** Named in errors about the checkpoint. */
  readonly checkpointName?: string;
  /** The weights to begin with, by PyTorch's names, in place of new ones; `name`: theirs, in errors. */
  readonly weights?: { readonly tensors: FloatTensors; readonly name: string };
  /** Keep every gradient of every step, to be looked at (engine/team/traces.ts); slower, larger. */
  readonly trace?: boolean;
  /** W, of a recurrent model in one direction: no gradient goes back across multiples of so many steps. */
  readonly window?: number;
}

/** One update. */
export interface UpdateReport {
  /** Updates done, this one included. */
  readonly update: number;
  readonly epoch: number;
  /** Mean over the targets that count: nats, or squared error in normalised units. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Steps of real items in the batch. */
  readonly tokens: number;
}

/** What an evaluation was followed by. */
export interface EvaluationReport extends Evaluation {
  /** The deciding metric is better than ever before. */
  readonly best: boolean;
  /** Patience is at its end. */
  readonly stop: boolean;
}

export class Session {
  readonly experiment: Experiment;
  readonly task: Task;
  readonly plan: UpdatePlan;
  readonly spec: ModelSpec;
  readonly team: Team<Model>;
  readonly #buffers: BatchBuffers;
  readonly #batches: TrainingBatches;
  readonly #settings: BatchSettings;
  readonly #divergence: DivergenceDetector;
  #earlyStopping: EarlyStopping;
  readonly #module: CoreModule;
  #update: number;

  static async start(options: SessionOptions): Promise<Session> {
    const { core, experiment, task, startThread, checkpoint, checkpointName, weights } = options;
    checkModelSuitsTask(experiment, task);
    const settings = batchSettings(experiment, task);
    const splits = [task.train, task.validation];
    const steps = Math.max(...splits.map((split) => stepsNeeded(split, settings)));
    const sourceSteps = Math.max(...splits.map(sourceStepsNeeded));
    checkPositions(experiment, task.id, Math.max(steps, sourceSteps));
    const whole = specFor(experiment, task, {
      steps,
      sourceSteps,
      batchSize: settings.batchSize,
      lengths: !hasFixedLength(task.train) || !hasFixedLength(task.validation),
      stateful: task.train.form === 'stream' && experiment.model.architecture === 'recurrent',
      trace: options.trace ?? false,
    });
    const { window } = options;
    const spec = window !== undefined && whole.architecture === 'recurrent' ? { ...whole, window } : whole;
    const threads = Math.min(options.threads, settings.batchSize);
    const { optimizer } = experiment.training;
    const team = await Team.start({
      core,
      spec,
      build: buildModel,
      batchSize: settings.batchSize,
      threads,
      optimizer,
      startThread,
    });
    try {
      const session = new Session(options, spec, team, settings);
      if (checkpoint) session.#restore(checkpoint, checkpointName ?? 'The checkpoint');
      else if (weights) session.#writeParameters(weights.tensors, 0, weights.name);
      else initialiseParameters(core, team.core, team.layout.parameters.list, experiment.seed);
      team.run(COMMANDS.refresh);
      return session;
    } catch (error) {
      await team.stop();
      throw error;
    }
  }

  private constructor(
    { core, experiment, task, checkpoint }: SessionOptions,
    spec: ModelSpec,
    team: Team<Model>,
    settings: BatchSettings,
  ) {
    const { training, seed } = experiment;
    this.experiment = experiment;
    this.task = task;
    this.spec = spec;
    this.team = team;
    this.#module = core;
    this.#settings = settings;
    this.#buffers = stagedBuffers(team.core, spec, this.#model(0).staging);
    const progress = checkpoint?.progress;
    this.#batches = new TrainingBatches(task.train, settings, seed, progress?.position);
    this.plan = planUpdates(training, this.#batches.batchesPerEpoch);
    this.#divergence = new DivergenceDetector(training.clipNorm, progress?.divergence);
    this.#earlyStopping = new EarlyStopping(training.earlyStopping, 'lower', progress?.earlyStopping);
    this.#update = progress?.update ?? 0;
  }

  /** Updates done. */
  get update(): number {
    return this.#update;
  }

  /** The best evaluation so far; null before the first. */
  get best(): { readonly value: number; readonly update: number } | null {
    return this.#earlyStopping.state.best;
  }

  /** Training is at its end: all planned updates are done, or the patience of early stopping is exhausted. */
  get finished(): boolean {
    return this.#update >= this.plan.totalUpdates || this.#earlyStopping.exhausted;
  }

  /** Updates of one epoch; Infinity for tasks without end. */
  get updatesPerEpoch(): number {
    return this.#batches.batchesPerEpoch;
  }

  get build(): string {
    return this.#module.build;
  }

  /** Trainable numbers. */
  get parameterCount(): number {
    return this.team.layout.parameters.count;
  }

  /** Bytes of WebAssembly memory. */
  get memoryBytes(): number {
    return this.team.layout.bytes;
  }

  /**
   * One update. Throws DivergenceError where training cannot go on; an update whose loss or gradient has left the range
   * of numbers has changed no weights then.
   */
  step(): UpdateReport {
    const { training, model } = this.experiment;
    const batch = this.#batches.next(this.#buffers);
    const learningRate = learningRateAt(
      training.schedule,
      training.optimizer.learningRate,
      this.#update,
      this.plan.totalUpdates,
    );
    const { control, threads } = this.team;
    control.setValue('learningRate', learningRate);
    control.setValue('clipNorm', training.clipNorm);
    control.setValue('dropout', model.dropout);
    control.setValue('teacherForcing', training.teacherForcing);
    control.setWord('update', this.#update);
    control.setWord('training', 1);
    const count = this.#run(COMMANDS.train, batch);
    const loss = control.loss(threads) / count;
    const gradientNorm = Math.sqrt(control.squares(threads));
    this.#update += 1;
    this.#divergence.check(this.#update, loss, gradientNorm, learningRate);
    return {
      update: this.#update,
      epoch: batch.position.epoch,
      loss,
      gradientNorm,
      learningRate,
      tokens: batch.tokens,
    };
  }

  /**
   * One pass over the validation part, a batch for each `next()`, so that the caller can do other things in between (but
   * no update). The state that training carries from batch to batch is left as it was.
   */
  *evaluation(): Generator<undefined, EvaluationReport> {
    const carried = this.#readState();
    const evaluator = this.task.evaluator();
    const { control, threads } = this.team;
    try {
      control.setWord('training', 0);
      control.setValue('teacherForcing', 1);
      for (const batch of evaluationBatches(this.task.validation, this.#settings, this.#buffers)) {
        const lossCount = this.#run(COMMANDS.forward, batch);
        const outputs = this.#outputs(batch.steps).slice();
        const items = Array.from({ length: this.spec.batchSize }, (_, b) => batch.items[b] ?? -1);
        evaluator.add(this.#buffers, batch.steps, batch.items.length > 0 ? items : [], {
          outputs,
          lossSum: control.loss(threads),
          lossCount,
        });
        yield;
      }
      yield* this.#decode(evaluator);
    } finally {
      this.#writeState(carried);
    }
    const evaluation = evaluator.finish();
    const { earlyStopping } = this.experiment.training;
    const [deciding] = evaluation.metrics;
    // Only an evaluation says which way is better; what has been observed so far goes on.
    this.#earlyStopping = new EarlyStopping(earlyStopping, deciding?.better ?? 'lower', this.#earlyStopping.state);
    return { ...evaluation, ...this.#earlyStopping.observe(this.#update, deciding?.value ?? NaN) };
  }

  /** The whole evaluation at once. */
  evaluate(): EvaluationReport {
    const passes = this.evaluation();
    for (;;) {
      const { done, value } = passes.next();
      if (done) return value;
    }
  }

  /** By PyTorch's names; copies. */
  parameters(): FloatTensors {
    return this.#tensors(0);
  }

  checkpoint(): Checkpoint {
    const slots = optimizerSlots(this.experiment.training.optimizer);
    const { slotBytes } = this.team.layout;
    return {
      experiment: this.experiment,
      taskState: this.task.state,
      progress: {
        update: this.#update,
        position: this.#batches.position,
        earlyStopping: this.#earlyStopping.state,
        divergence: this.#divergence.state,
      },
      build: { core: this.#module.build, threads: this.team.threads },
      model: this.#tensors(0),
      optimizer: new Map(slots.map((slot, index) => [slot, this.#tensors((index + 1) * slotBytes)])),
      state: this.#readState(),
    };
  }

  /** The session cannot be used afterwards. */
  async stop(): Promise<void> {
    await this.team.stop();
  }

  #model(thread: number): Model {
    const placed = this.team.layout.placed[thread];
    if (!placed) throw new Error('No such thread.');
    return placed.network;
  }

  // Runs a command on the staged batch; returns how many targets count.
  #run(command: Command, batch: Batch): number {
    const { control } = this.team;
    const count = this.#countTargets(batch);
    control.setWord('steps', batch.steps);
    control.setWord('sourceSteps', batch.sourceSteps);
    control.setWord('columns', batch.columns);
    control.setWord('continues', batch.continues ? 1 : 0);
    control.setValue('lossScale', count > 0 ? 1 / count : 0);
    this.team.run(command);
    return count;
  }

  /** The staged outputs of the first steps, after a forward pass. */
  #outputs(steps: number): Float32Array {
    const { core, layout } = this.team;
    for (const { network } of layout.placed) network.giveOutputs({ core, steps });
    const outer = this.spec.output.per === 'step' ? steps : 1;
    const at = this.#model(0).staging.outputs / 4;
    return core.f32.subarray(at, at + outer * this.spec.batchSize * outputWidth(this.spec));
  }

  /** The greedy decodings that an evaluator asks for, a forward pass for each `next()`. */
  *#decode(evaluator: Evaluator): Generator<undefined, void> {
    const { task, spec } = this;
    const { boundaries, validation } = task;
    const { target } = task.codec;
    if (!evaluator.decodes || evaluator.decodes.length === 0 || !boundaries || !target) return;
    if (validation.form !== 'set') throw new TypeError('A stream has no items to decode.');
    const decoder = new GreedyDecoder(validation, this.#buffers, {
      boundaries,
      excluded: target.excluded,
      steps: spec.steps,
      labels: outputWidth(spec),
    });
    for (const items of decoder.batches(evaluator.decodes)) {
      for (const batch of decoder.decode(items)) {
        this.#run(COMMANDS.forward, batch);
        decoder.take(this.#outputs(batch.steps));
        yield;
      }
      items.forEach((item, b) => evaluator.addDecoded?.(item, decoder.decoded(b)));
    }
  }

  #countTargets(batch: Batch): number {
    const { output, batchSize } = this.spec;
    if (output.kind === 'values') return batch.columns * output.width;
    const targets = this.#buffers.targetLabels;
    const end = Math.min(batch.steps, outputSteps(this.spec)) * batchSize;
    let count = 0;
    for (let i = 0; i < end; i++) if ((targets?.[i] ?? -1) >= 0) count++;
    return count;
  }

  #tensors(offset: number): FloatTensors {
    const { core, layout } = this.team;
    return new Map(
      layout.parameters.list.map((parameter) => [
        parameter.name,
        { dtype: 'F32', shape: [...parameter.shape], data: readParameter(core.f32, parameter, offset) },
      ]),
    );
  }

  // The parameters at offset 0, or one of the optimizer's slots.
  #writeParameters(tensors: FloatTensors, offset: number, name: string): void {
    const { core, layout } = this.team;
    checkTensors(tensors, new Map(layout.parameters.list.map((p) => [p.name, p.shape])), name);
    for (const parameter of layout.parameters.list) {
      const tensor = tensors.get(parameter.name);
      if (tensor) writeParameter(core.f32, parameter, tensor.data, offset);
    }
  }

  #restore(checkpoint: Checkpoint, name: string): void {
    const slots = optimizerSlots(this.experiment.training.optimizer);
    this.#writeParameters(checkpoint.model, 0, name);
    slots.forEach((slot, index) => {
      const tensors = checkpoint.optimizer.get(slot) ?? new Map();
      this.#writeParameters(tensors, (index + 1) * this.team.layout.slotBytes, `${name} (optimizer.${slot})`);
    });
    const state = this.#readState();
    checkTensors(
      checkpoint.state,
      new Map([...state].map(([key, { shape }]) => [key, shape])),
      `${name} (carried state)`,
    );
    this.#writeState(checkpoint.state);
  }

  // The recurrent state that goes on to the next batch, [B, H] by layer and direction; empty where none does.
  #readState(): FloatTensors {
    const tensors = new Map<string, { dtype: 'F32'; shape: number[]; data: Float32Array }>();
    this.#eachState((name, matrices) => {
      const width = matrices[0]?.segments[0] ?? 0;
      const data = new Float32Array(this.spec.batchSize * width);
      let row = 0;
      for (const matrix of matrices) {
        readMatrix(this.team.core.f32, matrix, data.subarray(row * width));
        row += matrix.rows;
      }
      tensors.set(name, { dtype: 'F32', shape: [this.spec.batchSize, width], data });
    });
    return tensors;
  }

  #writeState(state: FloatTensors): void {
    this.#eachState((name, matrices) => {
      const data = state.get(name)?.data;
      if (!data) return;
      let row = 0;
      for (const matrix of matrices) {
        const width = matrix.segments[0] ?? 0;
        writeMatrix(this.team.core.f32, matrix, data.subarray(row * width, (row + matrix.rows) * width));
        row += matrix.rows;
      }
    });
  }

  // Calls back with the shares' matrices, first to last.
  #eachState(visit: (name: string, matrices: readonly Matrix[]) => void): void {
    const shares = this.team.layout.placed.map(({ network }) => network.carried);
    shares[0]?.forEach(({ name }, index) => {
      visit(
        name,
        shares.flatMap((carried) => carried[index]?.matrix ?? []),
      );
    });
  }
}

function batchSettings({ training, model }: Experiment, task: Task): BatchSettings {
  return {
    batchSize: training.batchSize,
    steps: training.steps,
    stateful: task.kind === 'language' && training.stateful && model.architecture === 'recurrent',
  };
}

function hasFixedLength(split: Split): boolean {
  return split.form === 'stream' || split.fixedLength;
}
