/** The program in the main process, from Electron's readiness to its end. */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  powerSaveBlocker,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { join } from 'node:path';
import * as v from 'valibot';
import { settings } from '../../api/app.ts';
import { contract, events } from '../../api/contract.ts';
import { createServices, type RunningServices } from '../../services.ts';
import { dispatch, type Dispatch } from '../../transport/dispatch.ts';
import { EventHub } from '../../transport/event-hub.ts';
import { serveIpc } from '../../transport/ipc-main.ts';
import { logEvent, logPath } from '../../transport/log.ts';
import { defaultWorkspace, isSameFolder } from '../../workspace/location.ts';
import { Assets } from '../assets.ts';
import { assetFolders, programVersion } from '../program.ts';
import { readStart, startRequest, thisStart, type Start } from './arguments.ts';
import { Closing } from './closing.ts';
import { electronDialogs } from './dialogs.ts';
import { failStart, tellLauncher, whenDefect } from './failures.ts';
import { lockSession } from './lock-down.ts';
import { menuTemplate } from './menu.ts';
import { OpenedFiles } from './opened-files.ts';
import { SleepBlocker } from './power.ts';
import { isOurs, PAGE, serveScheme } from './scheme.ts';
import { utilityStarter } from './utility-process.ts';
import { MainWindow } from './window.ts';

/** The licenses of everything that is bundled. */
const LICENSES = '/licenses/licenses.txt';

class Application {
  readonly #files = new OpenedFiles();
  readonly #hub = new EventHub(events);
  readonly #request = startRequest(thisStart());
  #window: MainWindow | undefined;
  #services: Promise<RunningServices> | undefined;
  readonly #closing = new Closing({
    begin: () => {
      this.#window?.savePlace();
      this.#hub.emit('host.closing', {});
    },
    close: async () => (await this.#services)?.close(),
  });

  /** Before Electron is ready. */
  constructor() {
    this.#files.add(this.#request.files);
    app.on('open-file', (event, path) => {
      event.preventDefault();
      this.#files.add([path]);
    });
    app.on('second-instance', (_event, _argv, _folder, start) => {
      this.#takeSecond(readStart(start)).catch((error: unknown) => void failStart(error));
    });
    app.on('before-quit', (event) => {
      event.preventDefault();
      this.#closing.begin();
    });
    app.on('window-all-closed', () => this.#closing.begin());
  }

  async start(): Promise<void> {
    const { platform } = process;
    const inspectable = !app.isPackaged;
    const path = this.#request.workspace ?? defaultWorkspace();
    const profile = app.getPath('userData');
    logEvent(
      `start of version ${programVersion()}, ${platform} ${process.arch}, workspace ${path}, profile ${profile}`,
    );
    lockSession(session.defaultSession);
    const assets = await Assets.open(assetFolders);
    serveScheme(protocol, assets);
    const showLicenses = (await assets.find(LICENSES)) && openLicenses;
    const actions = { showLog, showLicenses };
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ platform, inspectable, actions })));
    app.setAboutPanelOptions({
      applicationName: 'Unrolled',
      applicationVersion: programVersion(),
      copyright: 'Copyright © 2026 The Unrolled authors. MIT License.',
    });

    const window = new MainWindow({ statePath: join(profile, 'window.json'), inspectable });
    this.#window = window;
    window.onClose(() => this.#closing.begin());
    whenDefect((status) => this.#closing.begin(status));
    this.#files.onAdded(() => this.#hub.emit('host.filesOpened', {}));
    // The page loads while the services start; its calls wait for them.
    const loaded = window.load();
    serveIpc({
      ipcMain,
      dispatch: this.#closing.guard(async (name, args) => (await answering)(name, args)),
      events: this.#hub,
      isOurs,
    });
    const answering = this.#startServices(path, profile);
    await Promise.all([answering, loaded]);
    await tellLauncher();
  }

  async #startServices(path: string, profile: string): Promise<Dispatch> {
    // Opening a workspace keeps this thread busy; the window comes first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#services = createServices({
      path,
      reserved: profile,
      emit: this.#hub.emit,
      host: 'electron',
      version: programVersion(),
      startProcess: utilityStarter(utilityProcess),
    });
    const running = await this.#services;
    const sleep = new SleepBlocker(powerSaveBlocker);
    const { theme } = await running.services.settings.get({});
    if (this.#window) this.#window.theme = theme;
    this.#hub.subscribe((event, value) => {
      if (event === 'runs.changed') sleep.active = running.training;
      if (event === 'settings.changed' && this.#window) this.#window.theme = v.parse(settings, value).theme;
    });
    const hostServices = {
      ...electronDialogs(dialog, () => this.#window?.browserWindow),
      host: { takeFile: () => ({ path: this.#files.take() }) },
    };
    return dispatch(contract, { ...running.services, ...hostServices });
  }

  /** Another start of the program has handed over what it was asked for. */
  async #takeSecond(start: Start | undefined): Promise<void> {
    if (this.#closing.begun) {
      this.#closing.startAgain(start ?? thisStart());
      return;
    }
    this.#window?.show();
    const { workspace, files } = start ? startRequest(start) : { workspace: undefined, files: [] };
    this.#files.add(files);
    if (workspace !== undefined && this.#services) await this.#offerWorkspace(workspace, await this.#services);
  }

  async #offerWorkspace(path: string, { services }: RunningServices): Promise<void> {
    const current = await services.workspace.info({});
    const window = this.#window?.browserWindow;
    if (window === undefined || isSameFolder(path, current.path)) return;
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'Unrolled is running with another workspace',
      detail: `Open: ${current.path}\nAsked for: ${path}\n\nOne workspace is open at a time. Opening the other one pauses the runs of this one.`,
      buttons: ['Open the Other Workspace', 'Keep This One'],
      defaultId: 1,
      cancelId: 1,
    });
    if (response !== 0) return;
    try {
      await services.workspace.open({ path });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await dialog.showMessageBox(window, {
        type: 'error',
        message: 'The workspace could not be opened',
        detail: reason,
      });
    }
  }
}

/** Starts the program, or hands over to the instance that runs already. */
export function runApplication(): void {
  if (!app.requestSingleInstanceLock({ ...thisStart() })) {
    void tellLauncher().then(() => app.quit());
    return;
  }
  const application = new Application();
  app
    .whenReady()
    .then(() => application.start())
    .catch(failStart);
}

function showLog(): void {
  const path = logPath();
  if (path !== undefined) shell.showItemInFolder(path);
}

function openLicenses(): void {
  const window = new BrowserWindow({
    width: 760,
    height: 600,
    title: 'Licenses',
    webPreferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.removeMenu();
  void window.loadURL(new URL(LICENSES, PAGE).href);
}
