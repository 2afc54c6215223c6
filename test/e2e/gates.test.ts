/** The gates of trained models: opened, stepped through, followed to their operands, saved, and seen as they came to be. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { App, contentOf, openWindow, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';
import { trainRuns } from './trained.ts';

// Models are trained before the first test where none are cached.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const browserAddress = inject('browserAddress');

const reber = (cell: string) => ({
  name: `Reber, ${cell}`,
  experiment: {
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task: { id: 'reber', trainingStrings: 64, validationStrings: 16 },
    model: { cell, hiddenSize: 6 },
    training: { batchSize: 16, updates: 20, evaluateEvery: 20, checkpointEvery: 10 },
  },
});

describe.skipIf(browserAddress === null)('the gates', () => {
  let app: App;
  let window: Window;
  let page: Page;
  let ids: readonly string[];

  beforeAll(async () => {
    app = await App.start(async (workspace) => {
      ids = await trainRuns(workspace, ['lstm', 'gru', 'rnn'].map(reber));
    });
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' });
  const strip = (): Locator => page.getByRole('slider', { name: 'Sequence' });
  const map = (name: string): Locator => page.getByRole('slider', { name, exact: true });
  const inCell = (name: string | RegExp): Locator =>
    page.getByRole('region', { name: 'Cell' }).getByRole('button', { name });
  const shown = async (): Promise<string> => (await inspector().locator('.value strong').innerText()).trim();

  async function spoken(slider: Locator): Promise<string> {
    return (await slider.getAttribute('aria-valuetext')) ?? '';
  }

  /** What a slider says once it is of this form. */
  function spokenLike(slider: Locator, form: RegExp): Promise<string> {
    return eventually(async () => {
      const said = await spoken(slider);
      expect(said).toMatch(form);
      return said;
    });
  }

  /** The value in the inspector. */
  function shownValue(): Promise<string> {
    return eventually(async () => {
      const value = await shown();
      expect(value).toMatch(/\d/u);
      return value;
    });
  }

  test('are opened from the rail, of a run that is chosen there', async () => {
    await page.getByRole('link', { name: 'Gates' }).click();
    await page.getByRole('link', { name: 'Reber, lstm' }).click();
    await inCell('forget gate, step 4, unit 1').waitFor();
    await page.getByRole('slider', { name: 'Checkpoints' }).waitFor();
  });

  test('are stepped through by key, in the sequence and in a heatmap, which say the same', async () => {
    await strip().focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(strip())).toMatch(/^step 1 of \d+: B/u);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => spoken(strip())).toMatch(/^step 3 of/u);
    await map('forget gate').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const said = await spokenLike(map('forget gate'), /^forget gate, step 3, unit 3: 0\.\d{3}$/u);
    await inCell(said).waitFor();
    await expect.poll(shown).toBe(said.split(': ')[1]);
    await expect.poll(() => new URL(page.url()).hash).toContain('step=3&unit=3');
  });

  test('are followed from a gate to the weighted sum, to a row of the weights, to the hidden state before, and back', async () => {
    const gate = await shownValue();
    await inspector()
      .getByRole('button', { name: /^Follow U h/u })
      .click();
    await inspector().getByRole('heading', { name: 'Weighted hidden state of the step before' }).waitFor();
    await eventually(async () => {
      const sum = Number((await shown()).replace('\u2212', '-'));
      const products = await inspector().locator('li > strong').allInnerTexts();
      const total = products.reduce((all, text) => all + Number(text.replace('\u2212', '-')), 0);
      expect(products).toHaveLength(6);
      expect(Math.abs(total - sum)).toBeLessThan(6 * 0.0006);
    });
    await inspector()
      .getByRole('button', { name: /^Follow h \d \(2\)/u })
      .first()
      .click();
    await inspector().getByRole('heading', { name: 'Hidden state' }).waitFor();
    await inspector().getByRole('navigation', { name: 'How you came here' }).getByRole('button').nth(1).click();
    await inspector().getByRole('heading', { name: 'Forget gate' }).waitFor();
    await expect.poll(shown).toBe(gate);
  });

  test('have in the address what was followed: Back goes one step back, and a link leads there', async () => {
    const heading = (name: string) => inspector().getByRole('heading', { name, exact: true });
    const trail = () => inspector().getByRole('navigation', { name: 'How you came here' }).getByRole('button');
    const quantity = () =>
      new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('quantity')?.split(' ') ?? [];
    await inCell(/^forget gate, /u).click();
    await inspector()
      .getByRole('button', { name: /^Follow U h/u })
      .click();
    await heading('Weighted hidden state of the step before').waitFor();
    await expect.poll(quantity).toEqual(['forget@2:2', 'recurrent.forget@2:2']);
    await inspector()
      .getByRole('button', { name: /^Follow U f/u })
      .first()
      .click();
    await heading('Weight').waitFor();
    await expect.poll(() => quantity().at(-1)).toMatch(/^recurrent\.weight_hh_l0\[\d+,\d\]$/u);
    // The way back, and the gate and the sum on it.
    await expect.poll(() => trail().count()).toBe(3);
    const weight = await shownValue();
    const link = await eventually(() => page.url());

    await page.goBack();
    await heading('Weighted hidden state of the step before').waitFor();
    await expect.poll(() => trail().count()).toBe(2);
    await page.goBack();
    await heading('Forget gate').waitFor();
    await expect.poll(() => trail().count()).toBe(0);
    await page.goForward();
    await heading('Weighted hidden state of the step before').waitFor();

    await page.goto('about:blank');
    await page.goto(link);
    await heading('Weight').waitFor();
    await expect.poll(() => trail().count()).toBe(3);
    await expect.poll(shown).toBe(weight);
    // Another unit is another beginning.
    await map('forget gate').focus();
    await page.keyboard.press('ArrowUp');
    await heading('Forget gate').waitFor();
    await expect.poll(() => trail().count()).toBe(0);
    await expect.poll(quantity).toEqual(['forget']);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => new URL(page.url()).hash).toContain('step=3&unit=3');
  });

  test('come into being along the timeline', async () => {
    const last = await spokenLike(map('forget gate'), /: 0\.\d{3}$/u);
    await page.getByRole('slider', { name: 'Checkpoints' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(map('forget gate'))).not.toBe(last);
    await page.keyboard.press('End');
    await expect.poll(() => spoken(map('forget gate'))).toBe(last);
  });

  test('play through training, checkpoint by checkpoint, to the newest', async () => {
    const checkpoints = page.getByRole('slider', { name: 'Checkpoints' });
    const seen = new Set<string>();
    await page.getByRole('button', { name: 'Play through training' }).click();
    await expect.poll(() => spoken(checkpoints)).toMatch(/^checkpoint at update 0 of/u);
    await expect
      .poll(
        async () => {
          seen.add(await spoken(checkpoints));
          return spoken(checkpoints);
        },
        { timeout: 30_000 },
      )
      .toMatch(/^newest state/u);
    expect(seen.size).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Play through training' }).waitFor();
  });

  test('play through the sequence to its end, without motion where none is wanted', async () => {
    await strip().focus();
    await page.keyboard.press('Home');
    await page.getByRole('slider', { name: 'Pace' }).fill('5');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(() => spoken(strip()), { timeout: 30_000 }).toMatch(/^step (\d+) of \1:/u);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('read what is typed, and say what cannot be read', async () => {
    await page.getByRole('radio', { name: 'Typed' }).check();
    await page.getByRole('textbox', { name: 'What the model reads' }).fill('BTBTXSETE');
    await expect.poll(() => spoken(strip())).toMatch(/ of 9: /u);
    await page.getByRole('textbox', { name: 'What the model reads' }).fill('BT?');
    await page.getByRole('status').filter({ hasText: '?' }).waitFor();
    await page.getByRole('radio', { name: 'From the data' }).check();
    await expect.poll(() => spoken(strip())).not.toMatch(/ of 9: /u);
  });

  test('have their gradients shown', async () => {
    await page.getByRole('radio', { name: 'Gradients' }).check();
    await inCell(/forget gate, step \d+, unit 3: .*, gradient/u).waitFor();
    await page.getByRole('radio', { name: 'Values' }).check();
  });

  test('are held, and what follows stands beside the original', async () => {
    await inCell(/^forget gate, /u).click();
    await inspector().getByRole('slider', { name: 'Hold the forget gate' }).fill('1');
    await inCell(/^forget gate, step \d+, unit 3: 1\.000, unchanged 0\.\d{3}.*, held$/u).waitFor();
    await expect.poll(() => spoken(map('forget gate'))).toMatch(/: 1\.000$/u);
    const kept = async (name: RegExp): Promise<number> =>
      Number(
        /: (\S+?),/u.exec((await inCell(name).first().getAttribute('aria-label')) ?? '')?.[1]?.replace('\u2212', '-'),
      );
    // A gate that keeps everything: what is kept is what there was.
    await eventually(async () =>
      expect(await kept(/^kept of the cell state/u)).toBe(await kept(/^cell state before/u)),
    );
    const loss = inspector().getByRole('row', { name: /^loss/u });
    await expect.poll(() => loss.getByRole('cell').allInnerTexts()).toHaveLength(3);
    // The scope moves what is held.
    await inspector().getByRole('radio', { name: 'All units' }).check();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/hold=forget%3D1(?:&|$)/u);
    await inspector().getByRole('radio', { name: 'unit 3' }).check();
    await expect.poll(() => new URL(page.url()).hash).toContain('hold=forget%3D1%3A3');
    await page.getByRole('radio', { name: 'Difference' }).check();
    await expect.poll(() => spoken(map('forget gate'))).toMatch(/: 0\.\d{3}$/u);
    await page.getByRole('radio', { name: 'Changed' }).check();
    await inspector().getByRole('button', { name: 'Silence this unit' }).click();
    await inCell(/^hidden state, step \d+, unit 3: 0\.000, unchanged .*held$/u)
      .first()
      .waitFor();
    await inspector().getByRole('button', { name: 'Let go of everything' }).click();
    await inCell(/^forget gate, step \d+, unit 3: 0\.\d{3}(?:, gradient [^,]*)?$/u).waitFor();
  });

  test('answer to a changed input, beside the original', async () => {
    await strip().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const was = await spokenLike(strip(), /^step 2 of \d+: [TP]$/u);
    const [is] = was.endsWith('T') ? ['P'] : ['T'];
    await inspector().getByRole('heading', { name: 'Change what is read at step 2' }).waitFor();
    await inspector()
      .getByLabel(/^Symbol: /u)
      .click();
    await page.getByRole('option', { name: is, exact: true }).click();
    await page.getByRole('option').first().waitFor({ state: 'detached' });
    await expect.poll(() => spoken(strip())).toMatch(new RegExp(`^step 2 of \\d+: ${is}, changed$`, 'u'));
    await inCell(/^hidden state, step 2, unit 3: \S+, unchanged \S+/u)
      .first()
      .waitFor();
    const loss = inspector().getByRole('row', { name: /^loss/u });
    await expect.poll(() => loss.getByRole('cell').allInnerTexts()).toHaveLength(3);
    await expect
      .poll(() => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('change'))
      .toBe(`2="${is}"`);
    await inspector()
      .getByRole('button', { name: /^Undo step 2: /u })
      .click();
    await expect.poll(() => spoken(strip())).toBe(was);
  });

  test('are put in order of what keeps longest', async () => {
    /** The units from the top to the bottom. */
    const rows = async (): Promise<string[]> => {
      await map('forget gate').focus();
      const said: string[] = [];
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowUp');
      for (let i = 0; i < 6; i++) {
        said.push(
          await eventually(async () => {
            const [, unit = ''] = /unit (\d)/u.exec(await spoken(map('forget gate'))) ?? [];
            // Every row is of another unit.
            expect(unit).not.toBe('');
            expect(said).not.toContain(unit);
            return unit;
          }),
        );
        await page.keyboard.press('ArrowDown');
      }
      return said;
    };
    expect(await rows()).toEqual(['1', '2', '3', '4', '5', '6']);
    await page.getByLabel(/^Order of the units/u).click();
    await page.getByRole('option', { name: 'By time constant' }).click();
    await page.getByRole('option').first().waitFor({ state: 'detached' });
    const sorted = await rows();
    expect(sorted.toSorted()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('tell which units are on over a stretch that is dragged over, and off elsewhere', async () => {
    await page.getByRole('link', { name: 'Gates' }).focus();
    await strip().focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 2; i++) await page.keyboard.press('Shift+ArrowRight');
    const findings = page.getByRole('region', { name: 'What a unit does' });
    await findings.getByText('steps 1 to 3', { exact: false }).waitFor();
    // The area under the curve: the further from chance, the better it tells.
    await eventually(async () => {
      const areas = await findings.locator('ol strong').allInnerTexts();
      const strengths = areas.map((text) => Math.abs(Number(text) - 0.5));
      expect(strengths).toHaveLength(6);
      expect(strengths).toEqual(strengths.toSorted((a, b) => b - a));
    });
    await findings
      .getByRole('button', { name: /^unit / })
      .first()
      .click();
    await map('hidden state').hover({ position: { x: 60, y: 10 } });
    await page.mouse.down();
    await page.mouse.move(0, 0);
    await map('hidden state').hover({ position: { x: 260, y: 10 } });
    await page.mouse.up();
    await findings.getByText('steps 2 to', { exact: false }).waitFor();
  });

  test('are found elsewhere in the data, and looked at there', async () => {
    const findings = page.getByRole('region', { name: 'What a unit does' });
    await findings.getByRole('radio', { name: '1', exact: true }).check();
    await findings.getByRole('button', { name: 'Look in the data' }).click();
    await findings.getByText(/^Where units \d/u).waitFor();
    const place = findings.getByRole('button', { name: /^Item \d+, steps \d+ to \d+: / }).last();
    const label = await eventually(() => place.getAttribute('aria-label'));
    const [, item, from] = /^Item (\d+), steps (\d+) to/u.exec(label ?? '') ?? [];
    await place.click();
    await expect.poll(() => spoken(strip())).toMatch(new RegExp(`^step ${from} of`, 'u'));
    await page
      .getByText(new RegExp(`^item ${item}\\b`, 'u'))
      .first()
      .waitFor();
  });

  test('are ranked by how well they tell a property, here and over the data', async () => {
    const findings = page.getByRole('region', { name: 'What a unit does' });
    await findings.getByLabel(/^What to look for/u).click();
    await page.getByRole('option', { name: 'T was second' }).click();
    await page.getByRole('option').first().waitFor({ state: 'detached' });
    // All of one sequence has it or has it not: the data are read at once.
    await findings.getByText(/over \d+ steps of held-out data/u).waitFor();
    await expect.poll(() => findings.locator('ol strong').count()).toBe(6);
    await findings.getByLabel(/^What to look for/u).click();
    await page.getByRole('option', { name: 'First half of the sequence' }).click();
    await page.getByRole('option').first().waitFor({ state: 'detached' });
    await findings.getByText('in this sequence', { exact: false }).waitFor();
    const here = await eventually(() => findings.locator('ol').innerText());
    await findings.getByRole('button', { name: /^Over \d+ items of the data/u }).click();
    await findings.getByText(/over \d+ steps of held-out data/u).waitFor();
    await expect.poll(() => findings.locator('ol').innerText()).not.toBe(here);
  });

  test.each([
    ['Reber, lstm forget gate', 'Save as SVG', '<svg '],
    ['Reber, lstm forget gate', 'Save as PNG', '\x89PNG'],
    ['Reber, lstm forget gate', 'Save as CSV', '\xef\xbb\xbfstep,unit'],
    ['Reber, lstm Cell', 'Save as SVG', '<svg '],
    ['Reber, lstm Cell', 'Save as PNG', '\x89PNG'],
  ])('are saved: %s, %s', async (name, item, beginning) => {
    await page
      .getByRole('button', { name: new RegExp(`^Save “${name.replace(' forget', ', update \\d+ forget')}`, 'u') })
      .click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    const content = (await contentOf(download)).toString('latin1');
    expect(content.slice(0, 40)).toContain(beginning);
    expect(content.length).toBeGreaterThan(200);
    await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  });

  test('stand side by side with those of other runs, on the same input', async () => {
    await page.getByLabel('Side by side: Side by side').click();
    await page.getByRole('option', { name: 'Reber, gru' }).click();
    const other = page.getByRole('region', { name: 'Cell of Reber, gru' });
    await other.getByRole('button', { name: /^update gate, step \d+, unit \d: [01]\.\d{3}$/u }).waitFor();
    const [ours] = /step \d+/u.exec(await spokenLike(map('forget gate'), /step \d/u)) ?? [];
    await other.getByRole('button', { name: new RegExp(`^reset gate, ${ours},`, 'u') }).waitFor();
    await other.getByRole('button', { name: 'Close' }).click();
    await other.waitFor({ state: 'detached' });
  });

  test('axe finds nothing on them, light or dark', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test.each([
    [1, 'update gate', 'reset gate'],
    [2, 'weighted sum', 'hidden state'],
  ])('of the other cells are drawn too: run %i', async (run, ...parts) => {
    await page.evaluate((id) => (globalThis.location.hash = `#/gates?run=${id}&step=2`), ids[run]!);
    for (const part of parts)
      await inCell(new RegExp(`^${part}, step 2, unit 1: `, 'u'))
        .first()
        .waitFor();
    await inspector()
      .getByRole('button', { name: /^Follow/u })
      .first()
      .click();
    await inspector().getByRole('navigation', { name: 'How you came here' }).waitFor();
  });

  test('the page had nothing to complain of', () => {
    expect([...window.strayed, ...window.complaints]).toEqual([]);
  });
});
