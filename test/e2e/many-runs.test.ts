/** Ten thousand runs: the list answers at once, whatever is done with it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { App, openWindow, type Window } from './app.ts';
import { fillWithRuns } from './fill-with-runs.ts';

// Ten thousand runs are written before the first test.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

const browserAddress = inject('browserAddress');
const COUNT = 10_000;

describe.skipIf(browserAddress === null)('ten thousand runs', () => {
  let app: App;
  let window: Window;
  let page: Page;

  beforeAll(async () => {
    app = await App.start((path) => fillWithRuns(path, COUNT));
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  test('are listed', async () => {
    await page.getByText('All 10,000 runs').click();
    await page.locator('tbody a').first().waitFor();
    await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe('10001');
  });

  test('only what is on the screen is in the page', async () => {
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
    await page.getByRole('region', { name: 'Runs' }).evaluate((region) => {
      region.scrollTop = region.scrollHeight;
    });
    await page.getByRole('link', { name: 'Run 0', exact: true }).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
  });

  test('are sorted and filtered', async () => {
    await page.getByRole('button', { name: 'Best' }).click();
    await page.getByRole('button', { name: 'Best' }).click();
    await page.getByRole('region', { name: 'Runs' }).evaluate((region) => {
      region.scrollTop = 0;
    });
    await page.getByRole('cell', { name: '99.99 %' }).first().waitFor();
    await page.getByLabel('Filter by any word').fill('model.hiddenSize=7 ');
    await expect
      .poll(async () => Number(await page.getByRole('table').getAttribute('aria-rowcount')))
      .toBeLessThan(10_001);
    await page.getByLabel('Filter by any word').fill('no such run');
    await page.getByText('No run has all of these words.').waitFor();
  });

  test('the page had nothing to complain of', () => {
    expect(window.complaints).toEqual([]);
  });
});
