/** Electron's runtime, started on this program. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HostValues } from '../flags.ts';

const ROOT = new URL('../../../', import.meta.url);
/** The program as Electron runs it, and what makes it. */
const APP = fileURLToPath(new URL('dist/app', ROOT));
const BUILDER = fileURLToPath(new URL('build/app.mjs', ROOT));

/** How a window of the app ended. */
export type WindowEnd =
  { readonly shown: true; readonly status: number } | { readonly shown: false; readonly reason: string };

/** Seconds that the app may take to show its window, on a slow machine with a virus scanner. */
const SHOW_SECONDS = Number(process.env['UNROLLED_SHOW_SECONDS'] ?? 30);

/**
 * Resolves when the app ends, or right away where it could not show its window. An app that shows none in time is
 * killed.
 */
export function runInElectron(executable: string, { workspace }: HostValues): Promise<WindowEnd> {
  if (spawnSync(process.execPath, [BUILDER, '--electron'], { stdio: 'inherit' }).status !== 0) {
    return Promise.resolve({ shown: false, reason: 'the program could not be built for Electron' });
  }
  return new Promise((resolve) => {
    const args = workspace === undefined ? [APP] : [APP, '--workspace', workspace];
    // With this variable the executable would be Node.
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
    const child = spawn(executable, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
    let shown = false;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, SHOW_SECONDS * 1000);
    // The app's one message: its window is shown.
    child.on('message', () => {
      shown = true;
      clearTimeout(limit);
    });
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve({ shown: false, reason: `Electron did not start (${error.message})` });
    });
    child.on('exit', (status, signal) => {
      clearTimeout(limit);
      resolve(
        shown || status === 0
          ? { shown: true, status: status ?? 1 }
          : {
              shown: false,
              reason: late
                ? `Electron showed no window within ${SHOW_SECONDS} seconds`
                : `Electron ended before it showed a window (${signal ?? `exit status ${status ?? 1}`})`,
            },
      );
    });
    // Ctrl-C reaches both; the app closes its workspace first.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
  });
}
