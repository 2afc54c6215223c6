/** Gradients: the small network term by term, an untrained network, depth, and a run at its checkpoint. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { App, openWindow, trainOnOneThread, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';

// Models race and learn in the page, and each part of it is searched for faults of accessibility.
vi.setConfig({ testTimeout: 180_000 });

const browserAddress = inject('browserAddress');

describe.skipIf(browserAddress === null)('gradients', () => {
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

  const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' });
  const go = (hash: string): Promise<void> =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  const spoken = (slider: Locator): Promise<string | null> => slider.getAttribute('aria-valuetext');
  /** Numbers of a row of the inspector's table. */
  async function row(name: string | RegExp): Promise<readonly number[]> {
    const cells = await inspector().getByRole('row', { name }).getByRole('cell').allInnerTexts();
    return cells.filter(Boolean).map(Number);
  }

  test('the terms of a small network add up to the engine’s gradient, beside a finite difference', async () => {
    await page.getByRole('link', { name: 'Gradients' }).click();
    await page.getByRole('heading', { name: 'Unrolled' }).waitFor();
    await eventually(async () => {
      const [total = NaN] = await row(/Sum of all 10 terms/u);
      const [backward, apart] = await row(/Backward pass/u);
      const [difference, away] = await row(/Finite difference/u);
      expect(backward).toBeCloseTo(total, 3);
      expect(difference).toBeCloseTo(total, 3);
      expect(apart).toBeLessThan(1e-5);
      expect(away).toBeLessThan(1e-6);
    });
  });

  test('a summand, a cell of the matrix and a path in the graph are one selection', async () => {
    await inspector()
      .getByRole('button', { name: /Through the use at step 2/u })
      .click();
    await page.getByRole('heading', { name: /^J\(4\) through the use at step 2: 7 factors/u }).waitFor();
    await page.getByRole('button', { name: 'Use at step 2, h(2)' }).and(page.locator('[aria-pressed=true]')).waitFor();
    await page.getByRole('button', { name: 'Loss J(3)' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^J\(3\) through the use at step 2: 6 factors/u }).waitFor();
    await page.getByRole('button', { name: /^∂h\(3\)\/∂h\(2\), 2 by 2, norm/u }).click();
    await page.waitForFunction(() => location.hash.includes('unrolled.u.3.2'));
    await page.reload();
    await page.getByRole('heading', { name: /^J\(3\) through the use at step 2/u }).waitFor();
  });

  test('a number that is edited changes every term, and truncation is told', async () => {
    const before = await eventually(async () => {
      const shown = await row(/Sum of all 10 terms/u);
      expect(shown).not.toEqual([]);
      return shown;
    });
    await page.getByLabel('w, row 1, column 1').fill('0.9');
    await expect.poll(() => row(/Sum of all 10 terms/u)).not.toEqual(before);
    await expect.poll(async () => (await row(/Backward pass/u))[1] ?? 1).toBeLessThan(1e-5);
    const slider = inspector().getByRole('slider', { name: 'Truncate after' });
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(slider)).toMatch(/^Reaching back over 1 step, .* turns by \d+\.\d°/u);
    await inspector().getByText('4 of 10 terms remain.').waitFor();
  });

  test('an LSTM writes out the gradient of one gate, through hidden and cell state', async () => {
    await page.getByLabel('LSTM').check({ force: true });
    await inspector()
      .getByRole('button', { name: /∂q\(3\)\/∂q\(2\)/u })
      .first()
      .waitFor();
    await inspector().getByRole('heading', { name: 'Gradient of J(3) by u_f' }).waitFor();
    await expect.poll(async () => (await row(/Backward pass/u))[1] ?? 1).toBeLessThan(1e-5);
  });

  test('a term of an LSTM is taken apart into its single paths, which add up to it', async () => {
    await page.getByRole('button', { name: 'Loss J(3)' }).click();
    await page.getByLabel('One path').check({ force: true });
    const path = page.getByText(/^Path \d+ of \d+:/u);
    const next = page.getByRole('button', { name: 'Next path' });
    await expect.poll(() => path.innerText()).toMatch(/^Path 1 of .*Back through the cell state alone/u);
    let share = 0;
    for (let i = 1, paths = 1; i <= paths; i++) {
      const [, count, part] = await eventually(async () => {
        const said = (await path.innerText()).replaceAll('−', '-');
        const found = new RegExp(`^Path ${i} of (\\d+):.*?(-?[\\d.e-]+) % of the term`, 'su').exec(said);
        if (found === null) throw new Error(`Path ${i} is not shown, but: ${said}`);
        return found;
      });
      paths = Number(count);
      share += Number(part);
      if (i < paths) await next.click();
    }
    await expect.poll(() => next.isDisabled()).toBe(true);
    expect(share).toBeCloseTo(100, 0);
    expect(await findings(page)).toEqual([]);
  });

  test('breaks no rule of accessibility', async () => {
    expect(await findings(page)).toEqual([]);
    await go('#/gradients?quantity=untrained');
    await page.getByRole('heading', { name: 'Untrained networks' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('an untrained network answers its controls', async () => {
    await go('#/gradients?quantity=untrained');
    const scale = inspector().getByRole('slider', { name: /Scale of the recurrent weights/u });
    await scale.fill('0.5');
    await expect
      .poll(() => inspector().locator('dd').allInnerTexts())
      .toSatisfy((texts: string[]) => Number(texts[0]) < 0.6);
    const cursor = page.getByRole('slider', { name: 'Cursor in “J(100) flowing back”' });
    await cursor.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(cursor)).toMatch(/Hidden state .*e−\d\d/u);
  });

  test('a deep stack learns while its gradients are shown', async () => {
    await go('#/gradients?quantity=depth');
    const ratio = inspector().locator('dd').last();
    await expect.poll(() => ratio.innerText()).toMatch(/e−/u);
    await inspector().getByLabel('Residual connections').check();
    await inspector().getByLabel('Layer normalisation').check();
    await expect.poll(() => ratio.innerText()).not.toMatch(/e−/u);
    await inspector().getByRole('button', { name: 'Train' }).click();
    await expect
      .poll(async () => Number((await inspector().locator('dd').first().innerText()).replaceAll(',', '')))
      .toBeGreaterThan(10);
    await inspector().getByRole('button', { name: 'Stop' }).click();
  });

  test('models race in lock-step, with maps, losses and norms side by side, and the address has all of it', async () => {
    const lanes = page.locator('section.lane');
    const updates = (): Promise<string[]> => lanes.locator('dl dd:nth-of-type(1)').allInnerTexts();
    const losses = (): Promise<string[]> => lanes.locator('dl dd:nth-of-type(2)').allInnerTexts();
    await go('#/gradients?quantity=race.copy');
    await page.getByRole('heading', { name: 'The race' }).waitFor();
    await expect.poll(() => lanes.getByRole('heading').allInnerTexts()).toEqual(['RNN', 'LSTM', 'GRU']);
    const step = page.getByRole('button', { name: 'One update' });
    await step.click();
    const lossesAfterOne = (): Promise<string[]> =>
      eventually(async () => {
        expect(await updates()).toEqual(['1', '1', '1']);
        const shown = await losses();
        for (const loss of shown) expect(loss).toMatch(/^\d/u);
        return shown;
      });
    const first = await lossesAfterOne();
    const map = lanes.nth(1).getByRole('slider', { name: 'Hidden state' });
    await map.focus();
    await page.keyboard.press('End');
    await expect.poll(() => spoken(map)).toMatch(/^J\(\d+\) by h\(40\): norm /u);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect.poll(async () => Number((await updates())[0])).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    await expect.poll(async () => new Set(await updates()).size).toBe(1);
    await page.getByRole('slider', { name: 'Cursor in “Gradient norm before clipping”' }).waitFor();
    expect(await findings(page)).toEqual([]);

    // Another seed has other losses; the address brings them back.
    await inspector().getByLabel('Seed').fill('7');
    await expect.poll(updates).toEqual(['0', '0', '0']);
    await step.click();
    const seventh = await lossesAfterOne();
    expect(seventh).not.toEqual(first);
    await page.waitForFunction(() => location.hash.includes('seed%3D7'));
    await page.reload();
    await expect.poll(updates).toEqual(['0', '0', '0']);
    await step.click();
    await expect.poll(losses).toEqual(seventh);
  });

  test('Back leads from tab to tab', async () => {
    await page.getByRole('radio', { name: 'Untrained' }).check();
    await page.getByRole('heading', { level: 1, name: 'Untrained networks' }).waitFor();
    await page.getByRole('radio', { name: 'Depth' }).check();
    await page.getByRole('heading', { level: 1, name: 'Untrained networks' }).waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Untrained networks' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'The race' }).waitFor();
  });

  test('of two models that explode the one that is not clipped diverges, and the other goes on', async () => {
    await go('#/gradients?quantity=race.explode');
    const lanes = page.locator('section.lane');
    await expect.poll(() => lanes.getByRole('heading').allInnerTexts()).toHaveLength(2);
    await expect.poll(() => lanes.first().getByRole('heading').innerText()).toBe('RNN · not clipped');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await lanes.first().getByText('training diverged at update').waitFor();
    await expect.poll(async () => Number(await lanes.nth(1).locator('dd').first().innerText())).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Pause' }).click();
    await go('#/gradients?quantity=depth');
    await page.getByRole('heading', { name: 'Depth' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('a run shows how its gradients flow back, and its own terms', async () => {
    await go('#/home');
    await page.getByRole('button', { name: 'Train a first model' }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('link', { name: 'Gradients' }).click();
    const map = page.getByRole('slider', { name: 'Hidden state' });
    await map.waitFor();
    await map.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(map)).toMatch(/^J\(\d+\) by h\(\d+\): norm \d/u);
    await inspector().getByText('Factor a step, on average').waitFor();
    await page.getByRole('slider', { name: 'Cursor in “Over training: the last loss flowing back”' }).waitFor();
    await page.getByRole('slider', { name: 'Cursor in “Gradient norm before clipping”' }).waitFor();
    const saturated = page.getByRole('slider', { name: 'Cursor in “Saturated values”' });
    await saturated.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(saturated)).toMatch(/forget gate, high \d+ %/iu);
    expect(await findings(page)).toEqual([]);
    await page.getByLabel('Term by term').check({ force: true });
    await expect.poll(async () => (await row(/Backward pass/u))[1] ?? 1).toBeLessThan(1e-4);
    expect(await findings(page)).toEqual([]);
    expect(window.complaints).toEqual([]);
    expect(window.strayed).toEqual([]);
  });
});
