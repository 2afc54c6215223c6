/** A person's first minutes: a run is trained, paused, changed, gone back in, and found again. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { App, contentOf, openWindow, trainOnOneThread, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';

// The first model is trained until it writes, which takes as long as the machine needs.
vi.setConfig({ testTimeout: 300_000 });

const browserAddress = inject('browserAddress');

describe.skipIf(browserAddress === null)('the first run', () => {
  let app: App;
  let window: Window;
  let page: Page;

  beforeAll(async () => {
    app = await App.start(trainOnOneThread);
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const runBar = (): Locator => page.getByRole('banner', { name: 'Run' }).or(page.locator('header[aria-label="Run"]'));
  const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' });

  /** Updates done, as the inspector says. */
  async function update(): Promise<number> {
    return Number((await inspector().locator('.large').first().innerText()).replaceAll(',', '').split(' ')[0]);
  }

  test('starts without a question, and shows what the model writes', async () => {
    await button('Train a first model').click();
    await runBar().getByText('training').waitFor();
    await page.getByRole('heading', { name: 'What it writes' }).waitFor({ timeout: 240_000 });
    await expect.poll(async () => (await page.locator('blockquote').innerText()).length).toBeGreaterThan(50);
    await expect.poll(update).toBeGreaterThan(0);
  });

  test('a chart says exact values at its cursor, by key as by pointer', async () => {
    const cursor = page.getByRole('slider', { name: 'Cursor in “Loss, nats”' });
    const spoken = (): Promise<string | null> => cursor.getAttribute('aria-valuetext');
    // What the run writes is shown at once; the chart follows when there is time to draw it.
    await expect.poll(async () => Number(await cursor.getAttribute('aria-valuemax'))).toBeGreaterThan(1);
    await cursor.focus();
    await page.keyboard.press('Home');
    await expect.poll(spoken).toMatch(/^update 1, training \d+\.\d+/u);
    await page.keyboard.press('End');
    await expect.poll(spoken).toMatch(/^update (?!1,)[\d,]+, training \d+\.\d+/u);
    await cursor.hover({ position: { x: 120, y: 80 } });
    await expect.poll(spoken).toMatch(/^update [\d,]+, training \d+\.\d+/u);
  });

  test('is paused, changed, taken one update further, and resumed', async () => {
    await button('Pause').click();
    await runBar().getByText('paused').waitFor();
    const rate = inspector().getByLabel('Learning rate', { exact: true });
    await rate.fill('0.001');
    await button('Apply').click();
    await inspector()
      .getByText(/Learning rate .* → 0\.001/u)
      .waitFor();
    // The run has answered since it was paused, so everything that it did before has been told.
    const before = await eventually(update);
    await button('One update').click();
    await expect.poll(update).toBe(before + 1);
    await runBar().getByText('paused').waitFor();
    await expect.poll(update).toBe(before + 1);
    await button('Resume').click();
    await runBar().getByText('training').waitFor();
  });

  test('is found going on when the page is loaded again', async () => {
    await expect.poll(update).toBeGreaterThan(0);
    const before = await eventually(update);
    await page.reload();
    await runBar().getByText('training').waitFor();
    await expect.poll(update, { timeout: 60_000 }).toBeGreaterThan(before);
  });

  test('its checkpoints are gone back to by key, and Back comes back', async () => {
    const timeline = page.getByRole('slider', { name: 'Checkpoints' });
    await timeline.focus();
    await page.keyboard.press('Home');
    await inspector().getByText('Looking at a checkpoint').waitFor();
    await expect.poll(() => new URL(page.url()).hash).toContain('at=0');
    await page.reload();
    await inspector().getByText('Update 0').waitFor();
    await inspector().getByRole('button', { name: 'Back to now' }).click();
    await expect.poll(() => new URL(page.url()).hash).not.toContain('at=');
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
    await page.goBack();
    await runBar().waitFor();
  });

  test.each([
    ['Save as SVG', /\.svg$/u, '<svg xmlns'],
    ['Save as PNG', /\.png$/u, '\x89PNG'],
    ['Save as CSV', /\.csv$/u, '\xef\xbb\xbfupdate,training'],
  ])('its loss is saved: %s', async (item, name, beginning) => {
    await button(/Save “.*Loss, nats”/u).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(name);
    expect((await contentOf(download)).toString('latin1')).toMatch(new RegExp(`^${beginning}`, 'u'));
  });

  test('is stopped', async () => {
    await button('Stop').click();
    await runBar().getByText('stopped').waitFor();
  });

  test('Train pressed as soon as another task’s form is asked for trains nothing of the form before', async () => {
    const start = page.getByRole('complementary').getByRole('button', { name: 'Train' });
    await page.evaluate(() => (location.hash = '#/train?task=parity'));
    await expect.poll(() => start.isEnabled()).toBe(true);
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          addEventListener(
            'hashchange',
            () => {
              document.querySelector<HTMLButtonElement>('aside form button')?.click();
              resolve();
            },
            { once: true },
          );
          location.hash = '#/train?task=temporal-order&cell=rnn';
        }),
    );
    await expect.poll(() => start.isEnabled()).toBe(true);
    await expect.poll(() => new URL(page.url()).hash).toBe('#/train?task=temporal-order&cell=rnn');
    await start.click();
    await page.getByRole('heading', { level: 1, name: 'Temporal order' }).waitFor();
    await button('Stop').click();
    await runBar().getByText('stopped').waitFor();
  });

  test('axe finds nothing on it', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test('it is said when the program cannot be reached', async () => {
    await app.kill();
    await page.getByText('The program behind this page cannot be reached.').waitFor();
  });

  test('nothing was asked for beyond this machine, and the page had nothing to complain of', async () => {
    expect(window.strayed).toEqual([]);
    expect(await app.strayed()).toEqual([]);
    // The last of it is the lost connection.
    expect(window.complaints.filter((text) => !text.includes('WebSocket') && !text.includes('ERR_CONNECTION'))).toEqual(
      [],
    );
  });
});
