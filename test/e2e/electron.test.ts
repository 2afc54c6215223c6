/** The app in Electron's own window, wherever its runtime is installed; elsewhere setup.ts says that this did not run. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';

const electron = inject('electron');

describe.skipIf(electron === null)('in Electron', () => {
  let folder: string;
  let app: ElectronApplication;
  let page: Page;
  const complaints: string[] = [];
  const strayed: string[] = [];

  beforeAll(async () => {
    expect(spawnSync(process.execPath, ['build/app.mjs', '--electron'], { stdio: 'inherit' }).status).toBe(0);
    folder = await mkdtemp(join(tmpdir(), 'unrolled-electron-'));
    app = await _electron.launch({
      executablePath: electron!.executable,
      // Playwright switches the sandbox off unless it is asked for.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [
        // Chromium's sandbox refuses the superuser, who runs tests in containers.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        `--user-data-dir=${join(folder, 'user')}`,
        ...electron!.args,
        '--workspace',
        join(folder, 'workspace'),
      ],
    });
    app.context().on('request', (request) => {
      if (!/^(?:app|blob|data):/u.test(request.url())) strayed.push(request.url());
    });
    page = await app.firstWindow();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.getByRole('heading', { level: 1 }).waitFor();
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the page is the program’s own, isolated, and without Node', async () => {
    await expect.poll(() => page.url()).toMatch(/^app:\/\/unrolled\//u);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis))).toEqual(
      [],
    );
  });

  test('it is the app that was asked for', async () => {
    expect(await app.evaluate(({ app: main }) => main.isPackaged)).toBe(electron!.packed);
    expect(await app.evaluate(({ app: main }) => main.getName())).toBe('Unrolled');
  });

  test('no other window is opened, and nothing is left for', async () => {
    const before = await eventually(() => page.url());
    expect(await page.evaluate(() => open('https://example.org/') === null)).toBe(true);
    await page.evaluate(() => {
      location.href = 'https://example.org/';
    });
    const refused = await page.evaluate(() => fetch('https://example.org/').then(String, String));
    expect(refused).toContain('TypeError');
    await expect.poll(() => page.url()).toBe(before);
    expect(app.windows()).toHaveLength(1);
    complaints.length = 0;
    strayed.length = 0;
  });

  test('a first run trains in a process of its own, is paused and goes on', async () => {
    await page.getByRole('button', { name: 'Train a first model' }).click();
    const bar = page.locator('header[aria-label="Run"]');
    await bar.getByText('training').waitFor();
    await page.getByRole('heading', { name: 'What it writes' }).waitFor({ timeout: 240_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    await bar.getByText('paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await bar.getByText('training').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await bar.getByText('stopped').waitFor();
  });

  test('axe finds nothing on it', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test('nothing was asked for beyond the program, and the page had nothing to complain of', () => {
    expect(strayed).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
