/** Once before the tests of the whole program: the face is built, and a browser is found. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser's executable; null where there is none. */
    browser: string | null;
  }
}

export default function setUp(project: TestProject): (() => void) | undefined {
  const build = join(import.meta.dirname, '../../build/app.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The face could not be built.');
  const found = findBrowser();
  if ('path' in found) {
    project.provide('browser', found.path);
    return undefined;
  }
  if (process.env['CI']) throw new Error(`The tests in a browser did not run: ${found.reason}.`);
  project.provide('browser', null);
  return () => console.error(`\n*** THE TESTS IN A BROWSER DID NOT RUN: ${found.reason}. ***\n`);
}
