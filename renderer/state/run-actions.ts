import type { Result } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { Adjustment, CheckpointInfo, RunInfo } from '../../electron/api/runs.ts';
import { t } from '../messages/messages.ts';
import type { Notices } from './notices.svelte.ts';
import type { OpenRun } from './open-run.svelte.ts';
import type { RunList } from './run-list.svelte.ts';

/** What can be done with runs and their checkpoints; whatever fails is told. */
export class RunActions {
  readonly #connection: ProgramConnection;
  readonly #notices: Notices;
  readonly #runs: RunList;

  constructor(connection: ProgramConnection, notices: Notices, runs: RunList) {
    this.#connection = connection;
    this.#notices = notices;
    this.#runs = runs;
  }

  start = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.start({ id }));
  pause = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.pause({ id }));
  resume = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.resume({ id }));
  step = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.step({ id }));
  stop = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.stop({ id }));
  duplicate = (id: string): Promise<RunInfo | undefined> => this.#change(this.#connection.api.runs.duplicate({ id }));

  adjust(id: string, adjustment: Adjustment): Promise<RunInfo | undefined> {
    return this.#change(this.#connection.api.runs.adjust({ id, adjustment }));
  }

  rename(id: string, name: string): Promise<RunInfo | undefined> {
    return this.#change(this.#connection.api.runs.rename({ id, name }));
  }

  annotate(id: string, note: string): Promise<RunInfo | undefined> {
    return this.#change(this.#connection.api.runs.annotate({ id, note }));
  }

  /** A new run with the same experiment that goes on from a checkpoint of this one. */
  continueFrom(run: RunInfo, update: number, name: string): Promise<RunInfo | undefined> {
    const { experiment, id } = run;
    return this.#change(this.#connection.api.runs.create({ experiment, name, from: { run: id, update }, start: true }));
  }

  /** Deletes, and offers to take that back. Returns whether it is gone. */
  async remove({ id, name }: Pick<RunInfo, 'id' | 'name'>): Promise<boolean> {
    const removed = await this.#notices.value(this.#connection.api.runs.remove({ id }));
    if (removed === undefined) return false;
    await this.#runs.refresh(id);
    this.#notices.tell(t('run.removed', { name }), {
      label: t('undo'),
      run: () => void this.#restore(id, removed.token),
    });
    return true;
  }

  async pin(open: OpenRun, { run, update, pinned }: CheckpointInfo): Promise<void> {
    const changed = await this.#notices.value(this.#connection.api.checkpoints.pin({ run, update, pinned: !pinned }));
    if (changed !== undefined) open.putCheckpoint(changed);
  }

  async removeCheckpoint(open: OpenRun, { run, update }: CheckpointInfo): Promise<boolean> {
    const removed = await this.#notices.value(this.#connection.api.checkpoints.remove({ run, update }));
    if (removed !== undefined) open.dropCheckpoint(update);
    return removed !== undefined;
  }

  async #restore(id: string, token: string): Promise<void> {
    await this.#notices.value(this.#connection.api.workspace.undo({ token }));
    await this.#runs.refresh(id);
  }

  async #change(answer: Promise<Result<RunInfo>>): Promise<RunInfo | undefined> {
    const info = await this.#notices.value(answer);
    if (info !== undefined) this.#runs.put(info);
    return info;
  }
}
