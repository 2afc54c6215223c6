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

/** Resolves when the app ends, or right away where it could not show its window. */
export function runInElectron(executable: string, { workspace }: HostValues): Promise<WindowEnd> {
  if (spawnSync(process.execPath, [BUILDER, '--electron'], { stdio: 'inherit' }).status !== 0) {
    return Promise.resolve({ shown: false, reason: 'the program could not be built for Electron' });
  }
  return new Promise((resolve) => {
    const args = workspace === undefined ? [APP] : [APP, '--workspace', workspace];
    const child = spawn(executable, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    let shown = false;
    // The app's one message: its window is shown.
    child.on('message', () => {
      shown = true;
    });
    child.on('error', (error) => resolve({ shown: false, reason: `Electron did not start (${error.message})` }));
    child.on('exit', (status, signal) => {
      resolve(
        shown || status === 0
          ? { shown: true, status: status ?? 1 }
          : {
              shown: false,
              reason: `Electron ended before it showed a window (${signal ?? `exit status ${status ?? 1}`})`,
            },
      );
    });
    // Ctrl-C reaches both; the app closes its workspace first.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
  });
}
