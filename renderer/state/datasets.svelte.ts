import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { DatasetInfo } from '../../electron/api/data.ts';
import { t } from '../messages/messages.ts';
import type { Notices } from './notices.svelte.ts';
import type { Tasks } from './tasks.svelte.ts';

/** The data of the workspace, bundled and a person's own. */
export class Datasets {
  readonly #connection: ProgramConnection;
  readonly #notices: Notices;
  readonly #tasks: Tasks;
  #all = $state.raw<readonly DatasetInfo[]>([]);
  #loaded = $state(false);

  constructor(connection: ProgramConnection, notices: Notices, tasks: Tasks) {
    this.#connection = connection;
    this.#notices = notices;
    this.#tasks = tasks;
  }

  /** A person's own first. */
  get all(): readonly DatasetInfo[] {
    return this.#all;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  find(id: string): DatasetInfo | undefined {
    return this.#all.find((dataset) => dataset.id === id);
  }

  async load(): Promise<void> {
    const list = await this.#notices.value(this.#connection.api.datasets.list({}));
    if (list === undefined) return;
    this.#all = [...list.filter(({ bundled }) => !bundled), ...list.filter(({ bundled }) => bundled)];
    this.#loaded = true;
  }

  /** After one has come, gone or been renamed: with the datasets the tasks on them change. */
  async reload(): Promise<void> {
    await Promise.all([this.load(), this.#tasks.load()]);
  }

  async rename(id: string, name: string): Promise<void> {
    const renamed = await this.#notices.value(this.#connection.api.datasets.rename({ id, name }));
    if (renamed !== undefined) await this.reload();
  }

  /** Deletes, and offers to take that back. */
  async remove({ id, name }: Pick<DatasetInfo, 'id' | 'name'>): Promise<void> {
    const removed = await this.#notices.value(this.#connection.api.datasets.remove({ id }));
    if (removed === undefined) return;
    await this.reload();
    this.#notices.tell(t('data.removed', { name }), {
      label: t('undo'),
      run: () => void this.#restore(removed.token),
    });
  }

  async #restore(token: string): Promise<void> {
    await this.#notices.value(this.#connection.api.workspace.undo({ token }));
    await this.reload();
  }
}
