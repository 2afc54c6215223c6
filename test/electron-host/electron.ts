/** What stands in for the module `electron` in the main process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElectronApp } from './app.ts';
import { BrowserWindow as StandInWindow } from './browser-window.ts';
import { IpcMain } from './ipc.ts';
import { MACHINE_VARIABLE, type Machine } from './messages.ts';
import { Protocol } from './protocol.ts';
import { requireReady } from './readiness.ts';
import { strict } from './strict.ts';
import * as system from './system.ts';
import { endUtilityProcesses, fork } from './utility-process.ts';

/** The tree of the packed program. */
export const root = process.env['UNROLLED_ELECTRON_APP'] ?? '';
const machine = JSON.parse(process.env[MACHINE_VARIABLE] ?? 'null') as Machine;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly productName?: string;
  readonly version: string;
  readonly main: string;
};

/** The module that the program begins with. */
export const entry = join(root, manifest.main);
export const standIn = new ElectronApp(manifest.productName ?? manifest.name, manifest.version, machine);
const scheme = new Protocol();
const main = new IpcMain();
StandInWindow.use({ app: standIn, ipcMain: main, protocol: scheme, machine });
standIn.atEnd(endUtilityProcesses);

const defaultSession = {
  setPermissionRequestHandler: () => undefined,
  setPermissionCheckHandler: () => undefined,
  setDevicePermissionHandler: () => undefined,
  webRequest: {
    onBeforeRequest: (listener: Protocol['requestListener']) => {
      scheme.requestListener = listener;
    },
  },
};

export const app = strict('app', standIn);
export const BrowserWindow = StandInWindow;
export const ipcMain = strict('ipcMain', main);
export const protocol = strict('protocol', scheme);
export const session = {
  get defaultSession() {
    requireReady('Session can only be received when app is ready');
    return strict('session', defaultSession);
  },
};
export const utilityProcess = strict('utilityProcess', { fork });
export const dialog = strict('dialog', system.dialog);
export const Menu = strict('Menu', system.Menu);
export const powerSaveBlocker = strict('powerSaveBlocker', system.powerSaveBlocker);
export const shell = strict('shell', system.shell);
export const screen = strict('screen', system.screenOf(machine));
export const nativeTheme = strict('nativeTheme', system.themeOf(machine));
