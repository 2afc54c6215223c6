/** About the program, and the licenses of what it contains. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { programVersion } from '../../electron/hosts/program.ts';
import { App, openWindow, type Window } from './app.ts';
import { findings } from './axe.ts';

const browserAddress = inject('browserAddress');

describe.skipIf(browserAddress === null)('about the program', () => {
  let app: App;
  let window: Window;
  let page: Page;

  beforeAll(async () => {
    app = await App.start();
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  test('the settings lead to it by keyboard', async () => {
    await page.getByRole('button', { name: 'Settings' }).press('Enter');
    await page.getByRole('link', { name: 'About Unrolled and licenses' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'About Unrolled' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toContain('#/about');
  });

  test('it says the version, the core, and where the workspace and the log are', async () => {
    const facts = page.getByRole('main').locator('dl').first();
    await facts.getByText(programVersion(), { exact: true }).waitFor();
    await facts.getByText(/^(?:wide|relaxed|baseline).*, on \d+ cores$/u).waitFor();
    await facts.getByText(app.workspace, { exact: true }).waitFor();
    await facts.getByText('None: messages go to the terminal').waitFor();
  });

  test('it names what others made, and opens a license by keyboard', async () => {
    for (const name of ['Software', 'Fonts', 'Datasets']) await page.getByRole('region', { name }).waitFor();
    const fonts = page.getByRole('region', { name: 'Fonts' });
    await fonts.locator('summary', { hasText: '@fontsource-variable/inter' }).press('Enter');
    await fonts.getByText('SIL OPEN FONT LICENSE Version 1.1').first().waitFor();
    const datasets = page.getByRole('region', { name: 'Datasets' });
    await datasets.locator('summary', { hasText: 'Atmospheric CO2' }).press('Enter');
    await datasets.getByText('https://creativecommons.org/licenses/by/4.0/').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('it gives all licenses as one text', async () => {
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save all licenses as text' }).press('Enter');
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('unrolled-licenses.txt');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('UNICODE LICENSE V3');
  });

  test('the page had nothing to complain of', () => {
    expect(window.complaints).toEqual([]);
    expect(window.strayed).toEqual([]);
  });
});
