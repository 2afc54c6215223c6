/** What electron/hosts/electron/main.ts uses of the module `electron`, noting what is done with it. */
import { EventEmitter } from 'node:events';
import { StubIpc, type StubPage } from '../../transport/electron-stub.ts';

export interface StubElectron {
  /** What happened, in order. */
  readonly happened: string[];
  readonly ipc: StubIpc;
  readonly app: EventEmitter & { isPackaged: boolean };
  readonly windows: StubWindow[];
  readonly errorBoxes: string[][];
  /** Resolves with the exit status. */
  readonly exited: Promise<number>;
  /** Answers of the protocol's handler. */
  ask(url: string): Promise<Response>;
  /** What takes the place of the module. */
  readonly module: Readonly<Record<string, unknown>>;
}

export class StubWindow extends EventEmitter {
  readonly webContents: EventEmitter & { executeJavaScript: (code: string) => Promise<unknown>; reload: () => void };
  readonly options: Readonly<Record<string, unknown>>;
  readonly calls: string[] = [];
  loaded: string | undefined;
  minimized = false;

  constructor(options: Readonly<Record<string, unknown>>, isolated: boolean) {
    super();
    this.options = options;
    this.webContents = Object.assign(new EventEmitter(), {
      executeJavaScript: (code: string) => Promise.resolve(code.includes('crossOriginIsolated') && isolated),
      reload: () => void this.calls.push('reload'),
    });
  }

  loadURL(url: string): Promise<void> {
    this.loaded = url;
    this.webContents.emit('did-finish-load');
    return Promise.resolve();
  }

  isMinimized(): boolean {
    return this.minimized;
  }

  isMaximized(): boolean {
    return false;
  }

  getNormalBounds(): object {
    return { x: 10, y: 20, width: 1300, height: 700 };
  }

  show(): void {
    this.calls.push('show');
  }

  focus(): void {
    this.calls.push('focus');
  }

  restore(): void {
    this.calls.push('restore');
  }

  maximize(): void {
    this.calls.push('maximize');
  }
}

export interface StubSettings {
  /** Of this one program on the machine. */
  readonly userData: string;
  /** false: another one runs already. */
  readonly first?: boolean;
  readonly isolated?: boolean;
}

export function stubElectron({ userData, first = true, isolated = true }: StubSettings): StubElectron {
  const happened: string[] = [];
  const note = (what: string) => (): void => void happened.push(what);
  const windows: StubWindow[] = [];
  const errorBoxes: string[][] = [];
  const exited = Promise.withResolvers<number>();
  const ipc = new StubIpc();
  let handler: (request: unknown) => Promise<Response> = () => Promise.reject(new Error('Nothing handles the scheme.'));

  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    commandLine: { appendSwitch: (name: string) => void happened.push(`switch ${name}`) },
    requestSingleInstanceLock: () => first,
    whenReady: () => {
      happened.push('ready');
      return Promise.resolve();
    },
    getPath: () => userData,
    quit: () => {
      happened.push('quit');
      app.emit('before-quit', { preventDefault: () => undefined });
    },
    exit: (status: number) => exited.resolve(status),
  });

  class BrowserWindow extends StubWindow {
    static getAllWindows(): readonly StubWindow[] {
      return windows;
    }
    constructor(options: Readonly<Record<string, unknown>>) {
      super(options, isolated);
      windows.push(this);
    }
  }

  return {
    happened,
    ipc,
    app,
    windows,
    errorBoxes,
    exited: exited.promise,
    ask: (url) => handler({ url, method: 'GET' }),
    module: {
      app,
      BrowserWindow,
      dialog: {
        showErrorBox: (...words: string[]) => void errorBoxes.push(words),
        showOpenDialog: (_window: unknown, { properties }: { properties: readonly string[] }) =>
          Promise.resolve(
            properties.includes('openFile')
              ? { canceled: true, filePaths: [] }
              : { canceled: false, filePaths: ['/a/folder'] },
          ),
      },
      ipcMain: ipc.ipcMain,
      Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: note('menu') },
      protocol: {
        registerSchemesAsPrivileged: note('schemes'),
        handle: (_scheme: string, newHandler: typeof handler) => {
          happened.push('protocol');
          handler = newHandler;
        },
      },
      screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
      session: {
        defaultSession: {
          setPermissionRequestHandler: note('permissions'),
          setPermissionCheckHandler: () => undefined,
          setDevicePermissionHandler: () => undefined,
          webRequest: { onBeforeRequest: note('requests') },
        },
      },
      utilityProcess: {
        fork: () => {
          throw new Error('Nothing trains here.');
        },
      },
    },
  };
}

/** A page of the app's own. */
export function openPage(ipc: StubIpc): StubPage {
  return ipc.openPage({ url: 'app://unrolled/', parent: null });
}
