/**
 * The training loop: drives a session to its planned end and keeps its run folder. Between two updates it serves
 * requests (pause, one update, stop) and, at least every YIELD_MS, the event loop. A checkpoint is written at the
 * start, every `checkpointEvery` updates, after CHECKPOINT_SECONDS of training without one, after every best
 * evaluation, where the run pauses, and at the end. At some updates it looks at how training fares (health-pace.ts).
 *
 * Where an evaluation is due after an update, it comes before that update's checkpoint: whoever goes on from the
 * checkpoint does not owe it, and counts it neither twice nor not at all.
 */
import { setImmediate } from 'node:timers/promises';
import { DivergenceError } from '../../engine/errors.ts';
import { recordOf, type HealthRecord } from '../../engine/gradients/health-record.ts';
import { updateHealth, WHILE_TRAINING } from '../../engine/gradients/health.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import type { EvaluationReport, Session, UpdateReport } from '../../engine/training/session.ts';
import type { Metric } from '../../engine/tasks/task.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import { HealthPace } from './health-pace.ts';
import { UpdateSpan } from './update-span.ts';

const YIELD_MS = 40;
const PROGRESS_MS = 250;
const CHECKPOINT_SECONDS = 20;
/** Records of a whole run's history, beside those of evaluations, where its keeper wants no more. */
const HISTORY_RECORDS = 2000;

/** Where a run is kept. */
export interface RunKeeper {
  /** The state to go on from. */
  writeCheckpoint(checkpoint: Checkpoint): void;
  /** The state that the best evaluation so far was of; `writeCheckpoint` of the same state follows. */
  writeBest(checkpoint: Checkpoint): void;
  /**
   * Seconds of training that the end of its history tells of; null: none. Of a run that was killed these lack the
   * updates between its last record and its checkpoint.
   */
  trainedSeconds(): number | null;
  appendHistory(records: readonly HistoryRecord[]): void;
  appendHealth(record: HealthRecord): void;
}

/** Means over the updates since the last progress, and how far the run is. */
export interface RunProgress extends HistoryRecord {
  readonly totalUpdates: number;
  readonly secondsLeft: number;
}

export type RunEvent =
  /** From here on the folder holds a checkpoint at any moment. */
  | { readonly kind: 'started'; readonly update: number }
  | { readonly kind: 'progress'; readonly progress: RunProgress }
  | { readonly kind: 'evaluation'; readonly update: number; readonly evaluation: EvaluationReport }
  | { readonly kind: 'checkpoint'; readonly update: number; readonly best: boolean }
  | { readonly kind: 'paused' | 'resumed'; readonly update: number };

/** Why the loop ended. Where training diverged, the last checkpoint is from before. */
export type RunEnd =
  | { readonly reason: 'complete' | 'early-stopping' | 'stopped'; readonly update: number }
  | { readonly reason: 'diverged'; readonly update: number; readonly error: DivergenceError };

export interface TrainRunOptions {
  readonly session: Session;
  readonly folder: RunKeeper;
  /** Whether the folder holds a checkpoint of the session as it is. */
  readonly resumed: boolean;
  /** The most records of a whole run's history, beside those of evaluations. */
  readonly historyRecords?: number;
  /** Further updates to write a checkpoint after. */
  readonly isMilestone?: (update: number) => boolean;
  /** The loop waits for it: what it does with the session is done between two updates. */
  readonly listen: (event: RunEvent) => void | Promise<void>;
}

/** One run of a session. */
export class TrainRun {
  readonly #session: Session;
  readonly #folder: RunKeeper;
  readonly #listen: TrainRunOptions['listen'];
  readonly #historySpan: UpdateSpan;
  readonly #progressSpan: UpdateSpan;
  readonly #historyEvery: number;
  readonly #health: HealthPace;
  readonly #isMilestone: (update: number) => boolean;
  readonly #firstUpdate: number;
  #stopping = false;
  #paused = false;
  #singleUpdates = 0;
  #wake: () => void = () => undefined;
  #yieldedAt = 0;
  #reportedAt = 0;
  /** Seconds in updates and evaluations, without pauses. */
  #worked = 0;
  #workedAtCheckpoint = 0;
  /** The update that the folder's checkpoint was written after. */
  #checkpointed: number;

  constructor({ session, folder, resumed, listen, historyRecords, isMilestone }: TrainRunOptions) {
    this.#session = session;
    this.#folder = folder;
    const before = session.update === 0 ? 0 : folder.trainedSeconds();
    this.#historySpan = new UpdateSpan(before);
    this.#progressSpan = new UpdateSpan(before);
    this.#firstUpdate = session.update;
    this.#checkpointed = resumed ? session.update : -1;
    this.#listen = listen;
    this.#historyEvery = Math.ceil(session.plan.totalUpdates / (historyRecords ?? HISTORY_RECORDS));
    this.#health = new HealthPace(session.plan.totalUpdates);
    this.#isMilestone = isMilestone ?? (() => false);
  }

  /** Halts before the next update. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#paused = false;
    this.#singleUpdates = 0;
    this.#wake();
  }

  /** Does one update and halts. */
  stepOnce(): void {
    this.#paused = true;
    this.#singleUpdates += 1;
    this.#wake();
  }

  /** Ends the run after the update and the evaluation that are on their way, with a checkpoint. */
  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  /** Trains to the end. Called once. Errors other than divergence are thrown. */
  async run(): Promise<RunEnd> {
    const session = this.#session;
    await this.#checkpoint();
    await this.#listen({ kind: 'started', update: session.update });
    this.#yieldedAt = performance.now();
    while (!session.finished) {
      await this.#serve();
      if (this.#stopping) {
        return this.#end('stopped');
      }
      try {
        this.#update();
      } catch (error) {
        if (error instanceof DivergenceError) {
          this.#writeHistory();
          return { reason: 'diverged', update: session.update, error };
        }
        throw error;
      }
      const best = this.#evaluationIsDue() && (await this.#evaluate());
      if (this.#historySpan.count >= this.#historyEvery) {
        this.#writeHistory();
      }
      if (best || this.#checkpointIsDue()) {
        await this.#checkpoint();
      }
      await this.#progress();
    }
    return this.#end(session.update >= session.plan.totalUpdates ? 'complete' : 'early-stopping');
  }

  /** Gives the event loop its turn and waits while the run is paused. */
  async #serve(): Promise<void> {
    if (this.#mustWait()) {
      await this.#progress(true);
      this.#writeHistory();
      await this.#checkpoint();
      await this.#listen({ kind: 'paused', update: this.#session.update });
      while (this.#mustWait()) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (!this.#paused) {
        await this.#listen({ kind: 'resumed', update: this.#session.update });
      }
      this.#yieldedAt = performance.now();
    } else {
      await this.#yield();
    }
    this.#singleUpdates = Math.max(0, this.#singleUpdates - 1);
  }

  #mustWait(): boolean {
    return this.#paused && this.#singleUpdates === 0 && !this.#stopping;
  }

  async #yield(): Promise<void> {
    if (performance.now() - this.#yieldedAt >= YIELD_MS) {
      await setImmediate();
      this.#yieldedAt = performance.now();
    }
  }

  #update(): void {
    const start = performance.now();
    const report = this.#step();
    const seconds = (performance.now() - start) / 1000;
    this.#worked += seconds;
    this.#historySpan.add(report, seconds);
    this.#progressSpan.add(report, seconds);
  }

  #step(): UpdateReport {
    const session = this.#session;
    if (!this.#health.wants(session.update + 1, this.#worked)) return session.step();
    const start = performance.now();
    const health = updateHealth(session, WHILE_TRAINING);
    this.#folder.appendHealth(recordOf(health));
    const usual = this.#worked / Math.max(1, session.update - 1 - this.#firstUpdate);
    this.#health.looked((performance.now() - start) / 1000 - usual);
    return health.report;
  }

  #evaluationIsDue(): boolean {
    const { update, plan } = this.#session;
    return update % plan.evaluateEvery === 0 || update >= plan.totalUpdates;
  }

  /** Returns whether it was the best so far. */
  async #evaluate(): Promise<boolean> {
    await this.#progress(true);
    const start = performance.now();
    const passes = this.#session.evaluation();
    let pass = passes.next();
    while (!pass.done) {
      await this.#yield();
      pass = passes.next();
    }
    this.#worked += (performance.now() - start) / 1000;
    const evaluation = pass.value;
    this.#writeHistory(evaluation.metrics);
    if (evaluation.best) {
      this.#folder.writeBest(this.#session.checkpoint());
      await this.#listen({ kind: 'checkpoint', update: this.#session.update, best: true });
    }
    await this.#listen({ kind: 'evaluation', update: this.#session.update, evaluation });
    return evaluation.best;
  }

  #writeHistory(metrics?: readonly Metric[]): void {
    const record = this.#historySpan.take();
    if (record) {
      const values = metrics?.map(({ name, value }) => [name, Number.isFinite(value) ? value : null] as const);
      this.#folder.appendHistory([values ? { ...record, metrics: Object.fromEntries(values) } : record]);
    }
  }

  #checkpointIsDue(): boolean {
    const { update, experiment } = this.#session;
    return (
      update % experiment.training.checkpointEvery === 0 ||
      this.#isMilestone(update) ||
      this.#worked - this.#workedAtCheckpoint >= CHECKPOINT_SECONDS
    );
  }

  async #checkpoint(): Promise<void> {
    const { update } = this.#session;
    if (this.#checkpointed !== update) {
      this.#folder.writeCheckpoint(this.#session.checkpoint());
      this.#checkpointed = update;
      this.#workedAtCheckpoint = this.#worked;
      await this.#listen({ kind: 'checkpoint', update, best: false });
    }
  }

  /** Reports the first update, then every PROGRESS_MS; `now`: whatever the time. */
  async #progress(now = false): Promise<void> {
    if (!now && performance.now() - this.#reportedAt < PROGRESS_MS && this.#reportedAt > 0) {
      return;
    }
    const record = this.#progressSpan.take();
    if (record) {
      const { totalUpdates } = this.#session.plan;
      const secondsLeft = (this.#worked / (record.update - this.#firstUpdate)) * (totalUpdates - record.update);
      this.#reportedAt = performance.now();
      await this.#listen({ kind: 'progress', progress: { ...record, totalUpdates, secondsLeft } });
    }
  }

  async #end(reason: 'complete' | 'early-stopping' | 'stopped'): Promise<RunEnd> {
    await this.#progress(true);
    this.#writeHistory();
    await this.#checkpoint();
    return { reason, update: this.#session.update };
  }
}
