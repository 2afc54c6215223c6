/** Once before the tests of the whole program: the page is built, one browser is started for all files, and Electron is looked for. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { findElectronApp, type ElectronApp } from '../electron-app.ts';
import { BROWSER_FLAGS } from './app.ts';
import { findBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser's executable; null where there is none. */
    browser: string | null;
    /** Address of the one that runs for all files; null where there is none. */
    browserAddress: string | null;
    /** The app in Electron; null where there is none that can be started. */
    electron: ElectronApp | null;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const build = join(import.meta.dirname, '../../build/app.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The page could not be built.');
  const electron = findElectronApp();
  project.provide('electron', 'reason' in electron ? null : electron);
  const found = findBrowser();
  if ('reason' in found && process.env['CI']) throw new Error(`The tests in a browser did not run: ${found.reason}.`);
  const browser =
    'path' in found
      ? await chromium.launchServer({ executablePath: found.path, args: [...BROWSER_FLAGS], host: '127.0.0.1' })
      : undefined;
  project.provide('browser', 'path' in found ? found.path : null);
  project.provide('browserAddress', browser?.wsEndpoint() ?? null);
  return async () => {
    await browser?.close();
    if ('reason' in electron) warnSkipped('IN ELECTRON', electron.reason);
    if ('reason' in found) warnSkipped('IN A BROWSER', found.reason);
  };
}

function warnSkipped(where: string, reason: string): void {
  console.error(`\n*** THE TESTS ${where} DID NOT RUN: ${reason}. ***\n`);
}
