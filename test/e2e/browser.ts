/** Where a Chromium to test with is found, and how one is fetched where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** The browser's executable, or why there is none. */
export type FoundBrowser = { readonly path: string } | { readonly reason: string };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
/** Milliseconds that fetching one may take. */
const FETCH_TIME = 240_000;

/** CHROME_PATH, else an installed one, else Playwright's own, else the system's package where this may install it. */
export function findBrowser(): FoundBrowser {
  const told = process.env['CHROME_PATH'];
  if (told !== undefined && told !== '') {
    return existsSync(told) ? { path: told } : { reason: `CHROME_PATH names ${told}, where there is no file` };
  }
  for (const find of [installed, playwrights, downloaded, packaged]) {
    const path = find();
    if (path !== undefined) return { path };
  }
  return { reason: 'no Chromium is installed, and none could be fetched; CHROME_PATH may name one' };
}

function installed(): string | undefined {
  const ending = process.platform === 'win32' ? '.exe' : '';
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const inPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, `${name}${ending}`)));
  return [...inPath, ...PLACES].find((path) => existsSync(path));
}

function playwrights(): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

function downloaded(): string | undefined {
  const cli = join(createRequire(import.meta.url).resolve('playwright-core/package.json'), '../cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'ignore', timeout: FETCH_TIME });
  return playwrights();
}

function packaged(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  for (const args of [['update'], ['install', '-y', 'chromium']]) {
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { stdio: 'ignore', timeout: FETCH_TIME });
  }
  return installed();
}
