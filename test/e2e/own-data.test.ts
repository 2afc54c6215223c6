/** A person's own file becomes a dataset, two runs on it are trained and compared; every view on the way is accessible. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { App, contentOf, openWindow, trainOnOneThread, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';

// Two models are trained in the course of it.
vi.setConfig({ testTimeout: 180_000 });

const browserAddress = inject('browserAddress');

/** Visitors of a museum that follow the day of the week; one line has a field too many. */
function visitors(): string {
  const first = Date.UTC(2021, 0, 1);
  const lines = Array.from({ length: 500 }, (_, i) => {
    const day = new Date(first + i * 86_400_000).toISOString().slice(0, 10);
    return `${day};${200 + 80 * (i % 7)};${i % 3 === 0 ? 'rain' : 'sun'}`;
  });
  lines[99] = `${lines[99] ?? ''};one too many`;
  return ['day;visitors;weather', ...lines, ''].join('\n');
}

describe.skipIf(browserAddress === null)('a person’s own data', () => {
  let app: App;
  let window: Window;
  let page: Page;

  beforeAll(async () => {
    app = await App.start(trainOnOneThread);
    window = await openWindow(app, { browser: browserAddress!, width: 1440, height: 900 });
    ({ page } = window);
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const dialog = (): Locator => page.getByRole('dialog');

  async function choose(label: string, option: string): Promise<void> {
    await page.getByRole('combobox', { name: new RegExp(`^${label}: `, 'u') }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  }

  test('axe finds nothing on Home', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test('a file is previewed, with what is wrong in it by line', async () => {
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { name: 'Moby-Dick' }).waitFor();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'museum.csv', mimeType: 'text/csv', buffer: Buffer.from(visitors()) });
    await dialog().getByText('500 rows').waitFor();
    await dialog().getByText('Line 101:').waitFor();
    await dialog()
      .getByRole('columnheader', { name: /visitors number 200 to 680/u })
      .waitFor();
    await expect.poll(() => dialog().getByRole('radio', { name: 'Series' }).isChecked()).toBe(true);
    expect(await findings(page)).toEqual([]);
  });

  test('it is mapped and saved under a name', async () => {
    await dialog().getByLabel('Name of the dataset').fill('Museum');
    await choose('Value', 'visitors');
    await choose('Date', 'day');
    await button('Save as a dataset').click();
    await page.getByRole('heading', { name: 'Museum' }).waitFor();
    await page.getByText('“Museum” is in the workspace.').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('the form says why a combination cannot be, and how large the model would be', async () => {
    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Museum' }) });
    await card.getByRole('link').first().click();
    await page.getByText('Not with this task: its inputs are numbers').waitFor();
    await page.getByRole('textbox', { name: 'Hidden size H' }).fill('0');
    await page.getByText('“Hidden size H” is 0. It must be').first().waitFor();
    await expect.poll(() => button(/^Train$/u).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Hidden size H' }).fill('12');
    await page.getByRole('complementary').getByText('Parameters', { exact: true }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  async function train(name: string, cell: string): Promise<void> {
    await page.getByRole('radio', { name: cell }).check({ force: true });
    await page.getByRole('radio', { name: 'updates' }).check({ force: true });
    await page.getByRole('textbox', { name: 'Length of training' }).fill('120');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await expect.poll(() => button(/^Train$/u).isEnabled()).toBe(true);
    await button(/^Train$/u).click();
    await page.getByText('finished').first().waitFor({ timeout: 120_000 });
    await page.getByRole('heading', { name: 'What it foresees' }).waitFor();
  }

  test('a run is trained on it and shows its forecast', async () => {
    await train('Museum, LSTM', 'LSTM');
    await page.getByText('foreseen').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('a second one begins with the same initial weights again', async () => {
    await button('More about this run').click();
    await page.getByRole('menuitem', { name: 'Same initial weights again' }).click();
    await page.getByText('Begins with the weights of “Museum, LSTM” at update 0.').waitFor();
    await expect.poll(() => page.getByRole('radio', { name: 'GRU' }).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Learning rate' }).fill('0.02');
    await train('Museum, faster', 'LSTM');
    await page.getByText('Began with the weights of “Museum, LSTM” at update 0').waitFor();
  });

  test('both are laid over one another with the baseline, and saved', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByLabel('Compare Museum, LSTM').check();
    await page.getByLabel('Compare Museum, faster').check();
    await page.getByRole('columnheader', { name: 'Learning rate' }).waitFor();
    await button('Save “Comparison').click();
    const [svg] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Save as SVG' }).click(),
    ]);
    const drawn = (await contentOf(svg)).toString('utf8');
    for (const name of ['Museum, LSTM', 'Museum, faster', 'before']) expect(drawn).toContain(name);
    const [csv] = await Promise.all([page.waitForEvent('download'), button('Save as CSV').click()]);
    expect((await contentOf(csv)).toString('utf8')).toMatch(/Name,State,Task,.*Learning rate.*\r\n"?Museum/u);
    expect(await findings(page)).toEqual([]);
  });

  test('the table is sorted and filtered, and the place can be linked', async () => {
    await button('Learning rate').click();
    await button('Learning rate').click();
    await page.getByLabel('Filter by any word').fill('museum learningRate=0.02');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    const hash = await eventually(() => {
      const { hash: reached } = new URL(page.url());
      expect(decodeURIComponent(reached)).toContain('learningRate=0.02');
      return reached;
    });
    await page.reload();
    await page.getByRole('link', { name: 'Museum, faster' }).waitFor();
    await expect.poll(() => new URL(page.url()).hash).toBe(hash);
  });

  test('settings are kept', async () => {
    await button('Settings').click();
    expect(await findings(page)).toEqual([]);
    await dialog().getByRole('radio', { name: 'Dark' }).check({ force: true });
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.reload();
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  });

  test('a run that was deleted is taken back', async () => {
    await page.getByRole('link', { name: 'Museum, faster' }).click();
    await button('More about this run').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('“Museum, faster” was deleted.').waitFor();
    await button('Undo').click();
    await page.getByRole('link', { name: 'Museum, faster' }).waitFor();
  });

  test('nothing was asked for beyond this machine, and the page had nothing to complain of', async () => {
    expect(window.strayed).toEqual([]);
    expect(await app.strayed()).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});
