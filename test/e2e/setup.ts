/** Once before the tests of the whole program: the face is built, and a browser and Electron are looked for. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { thisDesktop } from '../../electron/hosts/browser/open-browser.ts';
import { electronPackage, findRuntime } from '../../electron/hosts/electron/runtime.ts';
import { findBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser's executable; null where there is none. */
    browser: string | null;
    /** Path of Electron's executable; null where it is not installed, or has no display. */
    electron: string | null;
  }
}

export default function setUp(project: TestProject): () => void {
  const build = join(import.meta.dirname, '../../build/app.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The face could not be built.');
  const runtime = findRuntime(thisDesktop, electronPackage());
  project.provide('electron', 'reason' in runtime ? null : runtime.executable);
  const found = findBrowser();
  if ('reason' in found && process.env['CI']) throw new Error(`The tests in a browser did not run: ${found.reason}.`);
  project.provide('browser', 'path' in found ? found.path : null);
  return () => {
    if ('reason' in runtime) tellSkipped('IN ELECTRON', runtime.reason);
    if ('reason' in found) tellSkipped('IN A BROWSER', found.reason);
  };
}

function tellSkipped(where: string, reason: string): void {
  console.error(`\n*** THE TESTS ${where} DID NOT RUN: ${reason}. ***\n`);
}
