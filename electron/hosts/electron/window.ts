/** The app's window. */
import { BrowserWindow, screen } from 'electron';
import { fileURLToPath } from 'node:url';
import { PAGE } from './scheme.ts';
import { boundsFor, readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

/** The one file that a sandboxed page is given; build/app.mjs bundles it. */
const PRELOAD = fileURLToPath(new URL('preload.cjs', import.meta.url));

export interface WindowOptions {
  /** Where its place on the screen is kept. */
  readonly statePath: string;
  /** With the tools to look into the page. */
  readonly inspectable: boolean;
}

/** Resolves when the page is shown. */
export async function openWindow({ statePath, inspectable }: WindowOptions): Promise<BrowserWindow> {
  const state = readWindowState(statePath);
  const displays = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...boundsFor(state, displays),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    webPreferences: {
      preload: PRELOAD,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // Chromium fetches its dictionaries.
      spellcheck: false,
      devTools: inspectable,
    },
  });
  if (state?.maximized === true) {
    window.maximize();
  }
  window.on('close', () => {
    writeWindowState(statePath, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  });
  reviveCrashedPage(window);
  await window.loadURL(PAGE);
  await checkIsolation(window);
  window.show();
  return window;
}

/** Loads the page anew when its process is gone; not where it goes before it was loaded, which would not end. */
function reviveCrashedPage({ webContents }: BrowserWindow): void {
  let loaded = false;
  webContents.on('did-finish-load', () => {
    loaded = true;
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (loaded && reason !== 'clean-exit') {
      loaded = false;
      webContents.reload();
    }
  });
}

/** Without isolation there is no shared memory. */
async function checkIsolation({ webContents }: BrowserWindow): Promise<void> {
  if ((await webContents.executeJavaScript('globalThis.crossOriginIsolated')) !== true) {
    throw new Error('The page is not isolated from other origins.');
  }
}
