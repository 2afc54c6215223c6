/** Once before the tests of the whole program: the face is built, and a browser and Electron are looked for. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findElectronApp, type ElectronApp } from '../electron-app.ts';
import { findBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser's executable; null where there is none. */
    browser: string | null;
    /** The app in Electron; null where there is none that can be started. */
    electron: ElectronApp | null;
  }
}

export default function setUp(project: TestProject): () => void {
  const build = join(import.meta.dirname, '../../build/app.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The face could not be built.');
  const electron = findElectronApp();
  project.provide('electron', 'reason' in electron ? null : electron);
  const found = findBrowser();
  if ('reason' in found && process.env['CI']) throw new Error(`The tests in a browser did not run: ${found.reason}.`);
  project.provide('browser', 'path' in found ? found.path : null);
  return () => {
    if ('reason' in electron) tellSkipped('IN ELECTRON', electron.reason);
    if ('reason' in found) tellSkipped('IN A BROWSER', found.reason);
  };
}

function tellSkipped(where: string, reason: string): void {
  console.error(`\n*** THE TESTS ${where} DID NOT RUN: ${reason}. ***\n`);
}
