/** The program as Electron runs it: the main process. */
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, utilityProcess } from 'electron';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UnrolledError } from '../../../engine/errors.ts';
import { contract, events } from '../../api/contract.ts';
import { createServices, type RunningServices } from '../../services.ts';
import { dispatch } from '../../transport/dispatch.ts';
import { EventHub } from '../../transport/event-hub.ts';
import { serveIpc } from '../../transport/ipc-main.ts';
import { logDefect } from '../../transport/log.ts';
import { defaultWorkspace } from '../../workspace/location.ts';
import { Assets } from '../assets.ts';
import { assetFolders, programVersion } from '../program.ts';
import { electronDialogs } from './dialogs.ts';
import { lockPages, lockSession, silenceChromium } from './lock-down.ts';
import { menuTemplate } from './menu.ts';
import { isOurs, SCHEMES, serveScheme } from './scheme.ts';
import { utilityStarter } from './utility-process.ts';
import { openWindow } from './window.ts';

// All of this before Electron is ready, which it may be at the first await.
protocol.registerSchemesAsPrivileged(SCHEMES);
silenceChromium(app);
lockPages(app);

if (app.requestSingleInstanceLock()) {
  // Not awaited: Electron is ready only after this module has been evaluated to its end.
  start().catch(tellAndEnd);
} else {
  // The one that runs already shows its window.
  tellLauncher();
  app.quit();
}

async function start(): Promise<void> {
  await app.whenReady();
  const inspectable = !app.isPackaged;
  lockSession(session.defaultSession);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, inspectable)));
  serveScheme(protocol, await Assets.open(assetFolders));

  const hub = new EventHub(events);
  const running = await createServices({
    path: workspaceArgument() ?? defaultWorkspace(),
    emit: hub.emit,
    host: 'electron',
    version: programVersion(),
    startProcess: utilityStarter(utilityProcess),
  });
  endWith(running);

  const dialogs = electronDialogs(dialog, theWindow);
  serveIpc({ ipcMain, dispatch: dispatch(contract, { ...running.services, ...dialogs }), events: hub, isOurs });
  app.on('second-instance', () => {
    const window = theWindow();
    if (window.isMinimized()) {
      window.restore();
    }
    window.focus();
  });
  await openWindow({ statePath: join(app.getPath('userData'), 'window.json'), inspectable });
  tellLauncher();
}

function theWindow() {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) {
    throw new Error('There is no window.');
  }
  return window;
}

/** The program ends when its window is closed, and not before its runs are paused and its workspace is closed. */
function endWith(running: RunningServices): void {
  let closing = false;
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (!closing) {
      closing = true;
      running
        .close()
        .catch((error: unknown) => logDefect('closing the workspace', error))
        .finally(() => app.exit(0));
    }
  });
}

/** Chromium's own flags may stand among the arguments. */
function workspaceArgument(): string | undefined {
  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { workspace: { type: 'string' } },
    strict: false,
  });
  return typeof values.workspace === 'string' ? values.workspace : undefined;
}

/** "npm start" waits for this, and serves in the browser where it does not come. */
function tellLauncher(): void {
  process.send?.('shown');
}

function tellAndEnd(error: unknown): void {
  if (error instanceof UnrolledError) {
    tellLauncher();
    dialog.showErrorBox('Unrolled', [error.message, error.hint ?? ''].join('\n\n').trimEnd());
  } else {
    logDefect('the start', error);
  }
  app.exit(1);
}
