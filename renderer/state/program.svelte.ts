import type { Settings, WorkspaceInfo } from '../../electron/api/app.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { AppInfo } from './app-info.ts';
import type { Notices } from './notices.svelte.ts';

/** The program behind the page: what it is, its workspace, its settings. */
export class Program {
  readonly #connection: ProgramConnection;
  readonly #notices: Notices;
  readonly #told = new Set<string>();
  #info = $state.raw<AppInfo>();
  #workspace = $state.raw<WorkspaceInfo>();
  #settings = $state.raw<Settings>();

  constructor(connection: ProgramConnection, notices: Notices) {
    this.#connection = connection;
    this.#notices = notices;
    connection.on('workspace.changed', (workspace) => this.#take(workspace));
    connection.on('settings.changed', (settings) => (this.#settings = settings));
  }

  get info(): AppInfo | undefined {
    return this.#info;
  }

  get workspace(): WorkspaceInfo | undefined {
    return this.#workspace;
  }

  get settings(): Settings | undefined {
    return this.#settings;
  }

  async load(): Promise<void> {
    const { app, workspace, settings } = this.#connection.api;
    const [info, folder, chosen] = await Promise.all([app.info({}), workspace.info({}), settings.get({})]);
    if (info.ok) this.#info = info.value;
    if (folder.ok) this.#take(folder.value);
    else this.#notices.fail(folder.error);
    if (chosen.ok) this.#settings = chosen.value;
  }

  async set(changes: Partial<Settings>): Promise<void> {
    this.#settings = (await this.#notices.value(this.#connection.api.settings.set(changes))) ?? this.#settings;
  }

  /** Whether the system's own dialogs can be used. */
  get hasDialogs(): boolean {
    return this.#info?.host === 'electron';
  }

  /** The path of a file that the person chooses; undefined where none is chosen. */
  async chooseFile(): Promise<string | undefined> {
    return (await this.#notices.value(this.#connection.api.dialogs.chooseFile({})))?.path ?? undefined;
  }

  /** Where the person wants to save a file. `name`: what it might be called. */
  async choosePath(name: string): Promise<string | undefined> {
    return (await this.#notices.value(this.#connection.api.dialogs.saveFile({ name })))?.path ?? undefined;
  }

  async chooseFolder(): Promise<string | undefined> {
    return (await this.#notices.value(this.#connection.api.dialogs.chooseFolder({})))?.path ?? undefined;
  }

  /** Returns whether it is open. */
  async openWorkspace(path: string): Promise<boolean> {
    return this.#take(await this.#notices.value(this.#connection.api.workspace.open({ path })));
  }

  async moveWorkspace(path: string): Promise<boolean> {
    return this.#take(await this.#notices.value(this.#connection.api.workspace.move({ path })));
  }

  #take(workspace: WorkspaceInfo | undefined): boolean {
    this.#workspace = workspace ?? this.#workspace;
    // Once for each page: who has put them away knows them.
    for (const notice of workspace?.notices ?? []) {
      if (!this.#told.has(notice)) this.#notices.fail({ code: 'workspace', message: notice });
      this.#told.add(notice);
    }
    return workspace !== undefined;
  }
}
