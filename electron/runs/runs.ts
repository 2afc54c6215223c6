/**
 * The runs of a workspace: their states, the queue of those that wait for their turn, and the processes of those that
 * train.
 *
 *     ready -> queued -> starting -> training <-> paused       finished, stopped, failed: no process any more
 *
 * A paused run may keep its process, so that single updates come quickly; only the one paused last does. Whatever
 * ends the host, the next one finds every run that was under way as paused, at its last checkpoint.
 */
import { availableParallelism } from 'node:os';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { unusedName } from '../../engine/experiment/run-name.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { Emit } from '../api/call.ts';
import type { events } from '../api/contract.ts';
import type { Adjustment, Progress, RunInfo } from '../api/runs.ts';
import type { Undo } from '../workspace/trash.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { adjusted, changesOf } from './adjusting.ts';
import { CheckpointRows } from './checkpoint-rows.ts';
import { setAside } from './damaged-checkpoint.ts';
import { failureOf } from './failure.ts';
import { LiveRun, type LiveEnd, type LiveListener, type Patience } from './live-run.ts';
import type { Look, StartMessage } from './messages.ts';
import { rebuildRuns } from './rebuild-runs.ts';
import { lastGoodCheckpoint } from './last-good.ts';
import { recoverRun } from './recover-run.ts';
import { runMirror } from './run-mirror.ts';
import { RunRows, type RunChanges } from './run-rows.ts';
import type { StartProcess } from './start-process.ts';
import { startPath } from './timeline-folder.ts';

type Told = Parameters<LiveListener['message']>[0];

/** What a live run becomes when its process ends in good order before training does. */
type Outcome = 'stopped' | 'paused';

const UNDER_WAY = ['queued', 'starting', 'training'] as const;

export class Runs {
  readonly rows: RunRows;
  readonly checkpoints: CheckpointRows;
  readonly #workspace: Workspace;
  readonly #emit: Emit<typeof events>;
  readonly #startProcess: StartProcess;
  readonly #live = new Map<string, LiveRun>();
  readonly #outcomes = new Map<string, Outcome>();
  /** What the database does not say: the newest progress, and states that it could not take. */
  readonly #newest = new Map<string, RunChanges>();
  #queue: string[] = [];
  #closed = false;

  /** The runs of a workspace that was just opened; those that were under way are paused. */
  static async open(workspace: Workspace, emit: Emit<typeof events>, startProcess: StartProcess): Promise<Runs> {
    const runs = new Runs(workspace, emit, startProcess);
    await rebuildRuns(workspace, runs.rows, runs.checkpoints);
    for (const id of runs.rows.idsIn(UNDER_WAY)) {
      await recoverRun(id, workspace.runFolder(id), runs.rows, runs.checkpoints);
    }
    return runs;
  }

  private constructor(workspace: Workspace, emit: Emit<typeof events>, startProcess: StartProcess) {
    this.#workspace = workspace;
    this.#emit = emit;
    this.#startProcess = startProcess;
    this.rows = new RunRows(workspace.database, runMirror(workspace));
    this.checkpoints = new CheckpointRows(workspace, this.rows);
  }

  /** The newest first; `limit` of them from place `offset` on. */
  list(offset?: number, limit?: number): RunInfo[] {
    return this.rows.list(offset, limit).map((run) => this.#withNewest(run));
  }

  /** Throws InputError where there is no such run. */
  get(id: string): RunInfo {
    const run = this.rows.get(id);
    if (run === undefined) {
      throw new InputError(`there is no run ${id} in this workspace`);
    }
    return this.#withNewest(run);
  }

  /** Renames or annotates a run. */
  change(id: string, changes: Pick<RunChanges, 'name' | 'note'>): RunInfo {
    const { name } = this.get(id);
    if (changes.name === undefined || changes.name === name) return this.#set(id, changes);
    return this.#set(id, { ...changes, name: unusedName(changes.name, this.rows.names()) });
  }

  /** Throws where the run still needs it: the last one is what a run goes on from. */
  removeCheckpoint(id: string, update: number): void {
    const run = this.get(id);
    this.checkpoints.get(id, update);
    if (run.state !== 'finished' && this.checkpoints.last(id) === update) {
      throw stateError(run, `its last checkpoint, of update ${update}, is what it goes on from and stays`);
    }
    this.checkpoints.remove(id, update);
    this.tell(id);
  }

  #set(id: string, changes: RunChanges): RunInfo {
    this.rows.set(id, changes);
    this.tell(id);
    return this.get(id);
  }

  /** Takes a run out of the database that could not be brought in. */
  forget(id: string): void {
    this.rows.drop(id);
  }

  /** Tells that a run has changed. */
  tell(id: string, removed = false): void {
    this.#emit('runs.changed', { id, removed });
  }

  /** Queues a run that can train: a new one, or one to go on with from its last checkpoint. */
  start(id: string): RunInfo {
    const run = this.get(id);
    if (run.state === 'queued' || run.state === 'starting' || run.state === 'training') {
      return run;
    }
    if (run.state === 'finished') {
      throw stateError(run, 'it cannot go on', 'Begin a new run from its last checkpoint, or duplicate it.');
    }
    this.#queue.push(id);
    this.#set(id, { state: 'queued', failure: null });
    this.serveQueue();
    return this.get(id);
  }

  async pause(id: string): Promise<RunInfo> {
    const run = this.get(id);
    if (run.state === 'paused') {
      return run;
    }
    if (run.state === 'queued') {
      return this.#leaveQueue(id);
    }
    const live = this.#live.get(id);
    if (live === undefined) {
      throw stateError(run, 'only a run that trains can be paused');
    }
    await live.pause();
    return this.get(id);
  }

  /** One update of a paused run. */
  async step(id: string): Promise<RunInfo> {
    const run = this.get(id);
    if (run.state !== 'paused') {
      throw stateError(run, 'single updates are done while it is paused', 'Pause it first.');
    }
    const live = this.#live.get(id) ?? this.#launch(id, true);
    await live.step();
    return this.get(id);
  }

  /** Looks into the process of a run. Throws UnrolledError where it has none. */
  look(id: string, wanted: Look): ReturnType<LiveRun['look']> {
    const run = this.get(id);
    const live = this.#live.get(id);
    if (live === undefined) {
      throw stateError(run, 'there is no process to look into', 'Look at one of its checkpoints instead.');
    }
    return live.look(wanted);
  }

  /** Ends a run where it is; it can still be resumed. */
  async stop(id: string): Promise<RunInfo> {
    const run = this.get(id);
    if (run.state === 'queued') {
      this.#leaveQueue(id);
    }
    if (this.#live.has(id)) {
      await this.#halt(id, 'stopped');
    } else if (this.get(id).state === 'paused') {
      this.#set(id, { state: 'stopped' });
    }
    return this.get(id);
  }

  /** Changes what a halted run goes on with. */
  async adjust(id: string, adjustment: Adjustment): Promise<RunInfo> {
    const run = this.get(id);
    const last = this.checkpoints.last(id);
    if (!['paused', 'stopped', 'failed'].includes(run.state) || last === null) {
      throw stateError(run, 'a run is changed while it is paused', 'Pause it first.');
    }
    const diverged = run.failure?.code === 'diverged';
    const good = diverged ? await lastGoodCheckpoint(id, this.#workspace.runFolder(id), this.checkpoints) : last;
    if (good === null) {
      throw stateError(
        run,
        'none of its checkpoints is from before it diverged',
        'Begin a new run with other settings.',
      );
    }
    const current = adjusted(parseExperiment(run.experiment), run.changes);
    const changes = changesOf(current, adjustment, good);
    // The process holds the old settings: the next one begins with the new ones.
    await this.#halt(id, 'paused');
    if (good !== last) {
      await this.#goBack(id, good);
      changes.unshift({ update: good, field: 'checkpoint', from: last, to: good });
    }
    return this.#set(id, { changes: [...run.changes, ...changes] });
  }

  /** What came after `update` is set aside or forgotten: the run goes on from there. */
  async #goBack(id: string, update: number): Promise<void> {
    for (const later of this.checkpoints.list(id)) {
      if (later.update > update) {
        setAside(this.checkpoints.path(id, later.update), 'diverged');
      }
    }
    const { state } = this.get(id);
    await recoverRun(id, this.#workspace.runFolder(id), this.rows, this.checkpoints);
    this.rows.set(id, { state });
  }

  /** Ends whatever the run does and moves it to the trash. */
  async remove(id: string): Promise<Undo> {
    if (this.get(id).state === 'queued') {
      this.#leaveQueue(id);
    }
    await this.#halt(id, 'paused');
    const undo = this.#workspace.trash.remove('run', id);
    this.rows.refresh(id);
    this.tell(id, true);
    return undo;
  }

  /** Takes in a run that was brought back from the trash. */
  restore(id: string): void {
    this.rows.refresh(id);
    this.tell(id);
  }

  /** Pauses all runs and ends their processes. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const id of [...this.#queue]) {
      this.#leaveQueue(id);
    }
    await Promise.all([...this.#live.keys()].map((id) => this.#halt(id, 'paused', 'closing')));
  }

  /** Lets those train whose turn it is. */
  serveQueue(): void {
    const { parallelRuns } = this.#workspace.settings.get();
    while (!this.#closed && this.#busy < parallelRuns) {
      // One whose process is being ended has its turn when that is gone.
      const id = this.#queue.find((queued) => !this.#outcomes.has(queued));
      if (id === undefined) {
        return;
      }
      this.#queue = this.#queue.filter((queued) => queued !== id);
      const live = this.#live.get(id);
      if (live === undefined) {
        this.#launch(id, false);
      } else {
        live.resume();
        this.#set(id, { state: 'training' });
      }
    }
  }

  /** No run trains. */
  get idle(): boolean {
    return this.#busy === 0;
  }

  /** Process ids of the runs that have a process, by run. */
  get processes(): ReadonlyMap<string, number | undefined> {
    return new Map([...this.#live].map(([id, live]) => [id, live.pid]));
  }

  #withNewest(run: RunInfo): RunInfo {
    const newest = this.#newest.get(run.id);
    return newest ? ({ ...run, ...newest } as RunInfo) : run;
  }

  async #halt(id: string, outcome: Outcome, patience?: Patience): Promise<void> {
    const live = this.#live.get(id);
    if (live !== undefined) {
      this.#outcomes.set(id, outcome);
      await live.stop(patience);
    }
  }

  #leaveQueue(id: string): RunInfo {
    this.#queue = this.#queue.filter((queued) => queued !== id);
    return this.#set(id, { state: this.checkpoints.last(id) === null ? 'ready' : 'paused' });
  }

  get #busy(): number {
    return [...this.#live.values()].filter(({ state }) => state === 'starting' || state === 'training').length;
  }

  /** Threads of a run that starts now, with what runs beside it. */
  #threads(): number {
    const { threads, parallelRuns } = this.#workspace.settings.get();
    const together = Math.min(parallelRuns, this.#busy + this.#queue.length + 1);
    return threads > 0 ? threads : Math.max(1, Math.floor(availableParallelism() / together));
  }

  #launch(id: string, paused: boolean): LiveRun {
    const run = this.get(id);
    if (!paused) {
      this.#set(id, { state: 'starting' });
    }
    const experiment = parseExperiment(run.experiment);
    const folder = this.#workspace.runFolder(id);
    const start: StartMessage = {
      kind: 'start',
      folder,
      datasets: this.#workspace.datasets.folder,
      experiment: adjusted(experiment, run.changes),
      threads: this.#threads(),
      from: run.parent && { path: startPath(folder), goesOn: run.progress.update > 0 },
      paused,
    };
    const live = new LiveRun(this.#startProcess, start, {
      message: (message) => this.#hear(id, message, paused),
      end: (end) => this.#finish(id, end),
    });
    this.#live.set(id, live);
    return live;
  }

  #hear(id: string, message: Told, stepping: boolean): void {
    switch (message.kind) {
      case 'started': {
        const { update, totalUpdates, threads, build, damaged } = message;
        this.checkpoints.reconcile(id);
        this.rows.rewind(id, update);
        const run = this.get(id);
        const progress = { ...run.progress, update, totalUpdates };
        const changes = [...run.changes, ...damaged.map((from) => ({ update, field: 'checkpoint', from, to: update }))];
        this.#set(id, { threads, build, progress, changes, ...(stepping ? {} : { state: 'training' }) });
        for (const from of damaged) {
          console.warn(
            `unrolled: the checkpoint of update ${from} of the run "${run.name}" is damaged and set aside ` +
              `(${this.checkpoints.path(id, from)}.damaged); the run continues from update ${update}`,
          );
        }
        return;
      }
      case 'progress':
        this.#newest.set(id, { ...this.#newest.get(id), progress: message.progress });
        this.#tellProgress(id, message.progress);
        return;
      case 'evaluated': {
        const { update, metrics, best, samples } = message;
        this.rows.record(id, { update, metrics, best, samples });
        this.#emit('runs.evaluated', { id, update, metrics, best });
        for (const sample of samples) {
          this.#emit('runs.sample', { id, sample });
        }
        return;
      }
      case 'checkpoint': {
        const { update, bytes } = message;
        const given = this.checkpoints.add(id, { update, bytes, saved: Date.now() });
        this.#saveProgress(id);
        this.#emit('runs.checkpoint', this.checkpoints.get(id, update));
        if (given > 0) {
          this.tell(id);
        }
        return;
      }
      case 'paused':
        this.#saveProgress(id);
        this.#set(id, { state: 'paused' });
        this.#releaseOthers(id);
        this.serveQueue();
        return;
      case 'resumed':
        return;
    }
  }

  #tellProgress(id: string, progress: Progress): void {
    this.#emit('runs.progress', { id, state: this.get(id).state, progress });
  }

  #saveProgress(id: string): void {
    const progress = this.#newest.get(id)?.progress;
    if (progress !== undefined) {
      this.rows.set(id, { progress });
      this.#newest.delete(id);
    }
  }

  /** Of the runs that are paused, only `id` keeps its process. */
  #releaseOthers(id: string): void {
    for (const [other, live] of this.#live) {
      if (other !== id && live.state === 'halted' && this.get(other).state === 'paused') {
        void this.#halt(other, 'paused');
      }
    }
  }

  #whatIsKept(id: string): string {
    const last = this.checkpoints.last(id);
    return last === null
      ? 'It has no checkpoint yet; start it again.'
      : `Its checkpoint of update ${last} is kept; resume to continue from there.`;
  }

  #finish(id: string, end: LiveEnd): void {
    this.#live.delete(id);
    const outcome = this.#outcomes.get(id) ?? 'stopped';
    this.#outcomes.delete(id);
    const progress = this.#newest.get(id)?.progress;
    const after: RunChanges = this.#queue.includes(id)
      ? { state: 'queued' }
      : stateAfter(end, outcome, this.#whatIsKept(id));
    const changes: RunChanges = { ...after, ...(progress ? { progress } : {}) };
    try {
      this.rows.set(id, changes);
      this.#newest.delete(id);
    } catch (error) {
      this.#newest.set(id, { ...changes, state: 'failed', failure: changes.failure ?? failureOf(error, 'training') });
    }
    this.tell(id);
    this.serveQueue();
  }
}

/** `kept`: what a run whose process was lost goes on from, in a sentence. */
function stateAfter(end: LiveEnd, outcome: Outcome, kept: string): RunChanges {
  if (end.kind === 'failed') {
    const { failure } = end;
    const lost = failure.code === 'crashed' || failure.code === 'not-responding';
    return { state: 'failed', failure: lost ? { ...failure, hint: kept } : failure };
  }
  switch (end.reason) {
    case 'complete':
    case 'early-stopping':
      return { state: 'finished' };
    case 'stopped':
      return { state: outcome };
    case 'diverged':
      return { state: 'failed', failure: end.failure ?? null };
  }
}

function stateError(run: RunInfo, what: string, hint?: string): UnrolledError {
  return new UnrolledError('run-state', `the run "${run.name}" is ${run.state}; ${what}`, hint);
}
