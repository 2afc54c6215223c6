/** The app's window: where it opens, what it shows, and what happens when its page fails. */
import { app, BrowserWindow, dialog, nativeTheme, screen, type RenderProcessGoneDetails } from 'electron';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../api/app.ts';
import { logEvent } from '../../transport/log.ts';
import { withLog } from './failures.ts';
import { PAGE } from './scheme.ts';
import { placeWindow, readWindowState, writeWindowState, type Area } from './window-state.ts';

/** The one file that a sandboxed page is given; build/app.mjs bundles it. */
const PRELOAD = fileURLToPath(new URL('preload.cjs', import.meta.url));
/** As --ground of renderer/theme/tokens.css: what the window shows before its page does. */
export const GROUND = { light: '#f7f6f2', dark: '#101317' } as const;
/** A page that crashes is loaded again, but not more often than this within the time. */
const MAX_RELOADS = 3;
const RELOADS_WITHIN_MS = 600_000;
/** After the last movement the place is saved. */
const SAVE_AFTER_MS = 500;

export interface WindowOptions {
  /** Where its place on the screen is kept. */
  readonly statePath: string;
  /** With the tools to inspect the page. */
  readonly inspectable: boolean;
}

export class MainWindow {
  readonly #window: BrowserWindow;
  readonly #statePath: string;
  #theme: Settings['theme'];
  #saving: NodeJS.Timeout | undefined;

  /** Opens it at once, in the color of its theme: its page follows by `load`. */
  constructor({ statePath, inspectable }: WindowOptions) {
    const state = readWindowState(statePath);
    this.#statePath = statePath;
    this.#theme = state?.theme ?? 'system';
    const { bounds, minSize } = placeWindow(state, workAreas());
    this.#window = new BrowserWindow({
      ...bounds,
      minWidth: minSize.width,
      minHeight: minSize.height,
      title: 'Unrolled',
      backgroundColor: this.#ground,
      webPreferences: {
        preload: PRELOAD,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        // Chromium downloads its dictionaries.
        spellcheck: false,
        devTools: inspectable,
      },
    });
    if (state?.maximized === true) {
      this.#window.maximize();
    }
    for (const change of ['move', 'resize', 'maximize', 'unmaximize'] as const) {
      // Each of these names has its own overload.
      this.#window.on(change as 'move', () => this.#saveSoon());
    }
    this.#watchPage();
  }

  /** undefined once it is gone. */
  get browserWindow(): BrowserWindow | undefined {
    return this.#window.isDestroyed() ? undefined : this.#window;
  }

  /** Loads the page and resolves when it is there. */
  async load(): Promise<void> {
    await this.#window.loadURL(PAGE);
    // A page that is loaded again meanwhile does not answer.
    const isolated: unknown = await this.#window.webContents
      .executeJavaScript('globalThis.crossOriginIsolated')
      .catch(() => undefined);
    if (isolated === false) {
      // Without shared memory the page's own computations run on one thread; everything else is the same.
      logEvent('the page is not isolated from other origins: it has no shared memory');
    }
  }

  /** Brings it to the front. */
  show(): void {
    const window = this.browserWindow;
    if (window?.isMinimized() === true) window.restore();
    window?.show();
    window?.focus();
  }

  /** The person closes it; it stays until the program ends. */
  onClose(close: () => void): void {
    this.#window.on('close', (event) => {
      event.preventDefault();
      close();
    });
  }

  set theme(theme: Settings['theme']) {
    this.#theme = theme;
    this.browserWindow?.setBackgroundColor(this.#ground);
    this.savePlace();
  }

  /** For the next start. */
  savePlace(): void {
    clearTimeout(this.#saving);
    const window = this.browserWindow;
    if (window !== undefined) {
      const maximized = window.isMaximized();
      writeWindowState(this.#statePath, { bounds: window.getNormalBounds(), maximized, theme: this.#theme });
    }
  }

  get #ground(): string {
    const dark = this.#theme === 'system' ? nativeTheme.shouldUseDarkColors : this.#theme === 'dark';
    return GROUND[dark ? 'dark' : 'light'];
  }

  #saveSoon(): void {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.savePlace(), SAVE_AFTER_MS);
  }

  #watchPage(): void {
    const { webContents } = this.#window;
    let crashes: readonly number[] = [];
    webContents.on('render-process-gone', (_event, details) => {
      logEvent(`the page has ended: ${details.reason}, exit code ${details.exitCode}`);
      if (details.reason === 'clean-exit') return;
      const now = performance.now();
      crashes = [...crashes.filter((time) => now - time < RELOADS_WITHIN_MS), now];
      if (crashes.length <= MAX_RELOADS) {
        webContents.reload();
      } else {
        crashes = [];
        void this.#offerReload(details);
      }
    });
    let asked = false;
    this.#window.on('unresponsive', () => {
      logEvent('the page does not respond');
      if (!asked) {
        asked = true;
        void this.#offerPatience().finally(() => (asked = false));
      }
    });
    this.#window.on('responsive', () => logEvent('the page responds again'));
  }

  /** The page has crashed again and again. Training goes on meanwhile. */
  async #offerReload({ reason }: RenderProcessGoneDetails): Promise<void> {
    const { response } = await dialog.showMessageBox(this.#window, {
      type: 'error',
      message: 'The window has crashed repeatedly',
      detail: withLog(`Its process has ended (${reason}). Runs that train are not affected.`),
      buttons: ['Try Again', 'Quit'],
      cancelId: 1,
    });
    if (response === 0) this.browserWindow?.webContents.reload();
    else app.quit();
  }

  async #offerPatience(): Promise<void> {
    const { response } = await dialog.showMessageBox(this.#window, {
      type: 'warning',
      message: 'The window does not respond',
      detail: 'Runs that train are not affected. Reloading the window loses nothing that was saved.',
      buttons: ['Wait', 'Reload'],
      cancelId: 0,
    });
    if (response === 1) this.browserWindow?.webContents.reload();
  }
}

/** That of the primary display comes first. */
function workAreas(): [Area, ...Area[]] {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  return [primary.workArea, ...others.map(({ workArea }) => workArea)];
}
