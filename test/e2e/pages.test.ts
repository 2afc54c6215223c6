/** Exported pages, opened from the disk in a real browser: their answers are the engine's. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { readPlayer } from '../../electron/exports/player-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { htmlExport, PLAYER_POLICY } from '../../engine/exports/html.ts';
import type { AnyTrainedModel } from '../../engine/exports/trained-model.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { Decoding } from '../../engine/models/decode.ts';
import { attentionMaps, longestTarget, Translator } from '../../engine/models/translator.ts';
import { cardOf, predictorOf, randomModel, randomTransformer, randomTranslator } from '../engine/exports/models.ts';
import { openBrowser } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';

// A page that translates is searched for faults of accessibility twice a test.
vi.setConfig({ testTimeout: 120_000 });

const browserAddress = inject('browserAddress');

describe.skipIf(browserAddress === null)('an exported page', () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unrolled-pages-'));
    browser = await openBrowser(browserAddress!);
    page = await (await browser.newContext({ viewport: { width: 900, height: 900 } })).newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function open(model: AnyTrainedModel, examples: readonly JsonValue[] = []): Promise<void> {
    const path = join(folder, 'page.html');
    await writeFile(path, htmlExport(model, cardOf(model), await readPlayer(), examples));
    expect((await stat(path)).size).toBeLessThan(1_000_000);
    await page.goto(pathToFileURL(path).href);
    await page.getByRole('heading', { level: 1, name: 'A test' }).waitFor();
  }

  test('carries the licenses of the software in it', async () => {
    await open(randomModel('language'));
    await page.getByText('Licenses of the software in this page').press('Enter');
    const text = page.locator('details pre');
    await text.waitFor();
    await expect.poll(() => text.textContent()).toContain('assemblyscript 0.28.20 (Apache-2.0)');
    for (const words of ['Unrolled (MIT)', 'svelte 5', 'Permission is hereby granted, free of charge']) {
      await expect.poll(() => text.textContent()).toContain(words);
    }
    expect(await findings(page)).toEqual([]);
  });

  /** What the engine says here. */
  async function answer(model: AnyTrainedModel, input: JsonValue): Promise<JsonValue> {
    const encoded = model.codec.encode(input);
    const predictor = await predictorOf(model, encoded.steps);
    return model.codec.decode(encoded, predictor.run(encoded));
  }

  const shown = (attribute: string) => numbers(page, attribute);
  const numbers = (where: Page | Locator, attribute: string) =>
    where
      .locator(`[${attribute}]`)
      .evaluateAll((elements, name) => elements.map((element) => Number(element.getAttribute(name))), attribute);

  function expectClose(got: readonly number[], want: readonly number[]): void {
    expect(got).toHaveLength(want.length);
    got.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 5));
  }

  /** Waits until these numbers are shown. */
  async function expectShows(look: () => Promise<readonly number[]>, want: readonly number[]): Promise<void> {
    await eventually(async () => expectClose(await look(), want));
  }

  test.each([
    ['an LSTM', randomModel('language', { layers: 2 })],
    ['a transformer', randomTransformer('language')],
  ])('goes on with a text, and shows what may come next: %s', async (_name, model) => {
    await open(model);
    await page.getByLabel('A text to go on with').fill('abcab');
    const { next } = (await answer(model, 'abcab')) as { next: { probability: number }[] };
    await expectShows(
      () => shown('data-probability'),
      next.map(({ probability }) => probability),
    );
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('mark').waitFor();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await expect.poll(() => page.locator('mark').textContent()).toMatch(/^[abcd]{400}$/u);
    await page.getByLabel('A text to go on with').fill('xyz');
    await page.getByRole('alert').getByText('character 1 of the input is "x"').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('goes on with a text longer than a transformer’s window', async () => {
    const model = randomTransformer('language');
    await open(model);
    const window = model.experiment.training.steps;
    const text = 'abcdacbd'.repeat(window);
    await page.getByLabel('A text to go on with').fill(text);
    const { next } = (await answer(model, text.slice(-window))) as { next: { probability: number }[] };
    await expectShows(
      () => shown('data-probability'),
      next.map(({ probability }) => probability),
    );
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('mark').waitFor();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await expect.poll(() => page.locator('mark').textContent()).toMatch(/^[abcd]{400}$/u);
    expect(await findings(page)).toEqual([]);
  });

  test('classifies by a transformer, up to its learned positions', async () => {
    const model = randomTransformer('classification', { positions: 'learned', maxPositions: 8, pooling: 'mean' });
    await open(model);
    await page.getByRole('textbox').fill('edcba');
    const { probabilities } = (await answer(model, 'edcba')) as { probabilities: Record<string, number> };
    const want = Object.values(probabilities).sort((a, b) => b - a);
    await expectShows(() => shown('data-probability'), want);
    await page.getByRole('textbox').fill('abcdeabcd');
    await page.getByRole('alert').getByText('the model has learned 8 positions').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('grows sequences from a label', async () => {
    await open(randomModel('generation', { cell: 'gru' }));
    await page.getByLabel('Grow from').selectOption('middle');
    await page.getByLabel('First letters').fill('ab');
    await page.getByRole('button', { name: 'Grow' }).click();
    await page.getByRole('listitem').nth(11).waitFor();
    await eventually(async () => {
      const grown = await page.getByRole('listitem').allTextContents();
      expect(grown).toHaveLength(12);
      for (const text of grown) expect(text).toMatch(/^ab[abc]*$/u);
    });
    expect(await findings(page)).toEqual([]);
  });

  test.each([
    ['an LSTM', randomModel('classification', { bidirectional: true, pooling: 'max' })],
    ['a transformer', randomTransformer('classification', { positions: 'learned', maxPositions: 32 })],
  ])('classifies: %s', async (_name, model) => {
    await open(model, ['abc', 'edcba']);
    await page.getByRole('button', { name: 'edcba' }).click();
    const { probabilities } = (await answer(model, 'edcba')) as { probabilities: Record<string, number> };
    const want = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
    await expect.poll(() => page.locator('dt').allTextContents()).toEqual(want.map(([label]) => label));
    await expectShows(
      () => shown('data-probability'),
      want.map(([, probability]) => probability),
    );
    expect(await findings(page)).toEqual([]);
  });

  test.each([
    ['an RNN', randomModel('tagging', { cell: 'rnn', bidirectional: true })],
    ['a transformer', randomTransformer('tagging', { norm: 'post', activation: 'gelu' })],
  ])('tags: %s', async (_name, model) => {
    await open(model);
    await page.getByLabel('Symbols').fill('A C B A');
    const want = (await answer(model, 'A C B A')) as { tag: string; probability: number }[];
    await expect.poll(() => page.locator('.tags strong').allTextContents()).toEqual(want.map(({ tag }) => tag));
    await expectShows(
      () => shown('data-probability'),
      want.map(({ probability }) => probability),
    );
    expect(await findings(page)).toEqual([]);
  });

  test('forecasts', async () => {
    const model = randomModel('forecasting', {});
    const values = Array.from({ length: 20 }, (_, i) => 100 + ((i * 37) % 50));
    await open(model, [{ start: '1988-12-01', values }]);
    await page.getByRole('cell').nth(2).waitFor();
    const { forecast } = (await answer(model, { start: '1988-12-01', values })) as {
      forecast: { date: string; value: number }[];
    };
    await eventually(async () => {
      const got = await shown('data-value');
      expect(got).toHaveLength(3);
      got.forEach((value, i) => expect(value / forecast[i]!.value).toBeCloseTo(1, 5));
    });
    await page.getByRole('rowheader', { name: forecast[2]!.date }).waitFor();
    await page.getByLabel('Values, the latest last').fill('1 2 3');
    await page.getByRole('alert').getByText('needs at least 16').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('computes numbers', async () => {
    const model = randomModel('regression', {});
    await open(model);
    const rows = [
      [0.5, 1],
      [0.25, 0],
      [0.75, 1],
    ];
    await page.getByLabel('Input').fill(JSON.stringify(rows));
    const { values } = (await answer(model, rows)) as { values: Record<string, number> };
    await expectShows(() => shown('data-value'), Object.values(values));
    expect(await findings(page)).toEqual([]);
  });

  describe.each([
    ['an encoder-decoder without attention', randomTranslator({ attention: 'none' }, 8, 1)],
    [
      'an encoder-decoder with attention',
      randomTranslator({ cell: 'gru', attention: 'additive', bidirectional: true }, 2, 1.5),
    ],
    ['a transformer', randomTranslator({ architecture: 'transformer', positions: 'learned', maxPositions: 12 }, 3)],
    // With weights that end a decoding.
  ])('translates: %s', (_name, model) => {
    const SOURCE = 'dacbbad';

    async function decodingsOf(source: string, beams: number): Promise<readonly Decoding[]> {
      const { experiment, codec, weights } = model;
      const core = await loadCore(coreFiles, { shared: false });
      const room = { sourceSteps: source.length, steps: longestTarget(experiment), beams };
      const options = { core, experiment, codec, weights, ...room, sourceName: 'the test' };
      return (await Translator.load(options)).translate(codec.encode(source));
    }

    const targetOf = ({ symbols }: Decoding): string => model.codec.target!.write(symbols);
    const target = () => page.getByRole('status', { name: 'Target' }).textContent();
    const symbols = () => numbers(page.getByRole('list', { name: 'What was written' }), 'data-probability');
    const weights = () => shown('data-weight');

    async function expectShown(decoding: Decoding): Promise<void> {
      await expect.poll(target).toBe(targetOf(decoding));
      await expectShows(
        symbols,
        decoding.steps.map(({ probability }) => probability),
      );
      const maps = attentionMaps(decoding);
      for (const { name, head, weights: rows } of maps) {
        if (maps.length > 1) await page.getByLabel('Attention').selectOption(`${name}/${head}`);
        await expectShows(weights, rows.flat());
      }
    }

    test('greedily and by beam, with the weights of its attention', async () => {
      await open(model, ['ab', SOURCE]);
      await page.getByRole('button', { name: SOURCE }).click();
      const [greedy] = await decodingsOf(SOURCE, 1);
      await expectShown(greedy!);
      expect(await findings(page)).toEqual([]);

      await page.getByLabel('Search').selectOption('Beam of 4');
      const found = await decodingsOf(SOURCE, 4);
      await expectShows(
        () => shown('data-score'),
        found.map(({ score }) => score),
      );
      for (const [i, decoding] of found.entries()) {
        await page.getByRole('table', { name: 'Found' }).getByRole('button').nth(i).click();
        await expectShown(decoding);
      }
      expect(await findings(page)).toEqual([]);
    });

    test('tells the steps and weights to who has no pointer', async () => {
      await open(model);
      const [decoding] = await decodingsOf(SOURCE, 1);
      await page.getByLabel('Source').fill(SOURCE);
      await expect.poll(target).toBe(targetOf(decoding!));
      const second = page.getByRole('list', { name: 'What was written' }).getByRole('button').nth(1);
      await second.focus();
      await page.keyboard.press('Enter');
      const labels = model.codec.output.kind === 'labels' ? model.codec.output.labels : [];
      const { probabilities } = decoding!.steps[1]!;
      const best = () => numbers(page.getByLabel('What could stand in place of step 2'), 'data-probability');
      const allowed = Array.from(probabilities).filter((_, label) => !model.codec.target!.excluded.has(label));
      expect(allowed.length).toBeLessThan(labels.length);
      await expectShows(best, allowed.sort((a, b) => b - a).slice(0, 6));

      const maps = attentionMaps(decoding!);
      if (maps.length === 0) {
        await page.getByText('This model has no attention').waitFor();
        await expect.poll(weights).toEqual([]);
        return;
      }
      await page.getByRole('gridcell', { name: /, step 2: .*, position 1$/u }).focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
      const cell = page.locator('td:focus');
      const { name } = maps.at(-1)!;
      const heads = maps.filter((map) => map.name === name);
      const mean = heads.reduce((sum, map) => sum + map.weights[2]![2]! / heads.length, 0);
      await expect.poll(() => cell.getAttribute('aria-label')).toMatch(/, step 3: .* on c, position 3$/u);
      await expect.poll(async () => Number(await cell.getAttribute('data-weight'))).toBeCloseTo(mean, 5);
    });

    test('says what is wrong with a source', async () => {
      await open(model);
      await page.getByLabel('Source').fill('abz');
      await page.getByRole('alert').getByText('character 3 of the input is "z"').waitFor();
      await page.getByLabel('Source').fill('abcde'.repeat(20));
      const learned = model.spec.architecture === 'transformer';
      if (learned) await page.getByRole('alert').getByText('the model has learned 12 positions').waitFor();
      else await expectShown((await decodingsOf('abcde'.repeat(20), 1))[0]!);
    });
  });

  test('has its card in it, keeps to its policy and complains of nothing', async () => {
    const policy = page.locator('meta[http-equiv=Content-Security-Policy]');
    await expect.poll(() => policy.getAttribute('content')).toBe(PLAYER_POLICY);
    await page.getByText('Public domain').waitFor();
    await page.getByRole('rowheader', { name: 'chance' }).waitFor();
    const refused = page.evaluate(() => fetch('https://example.org').then(String, String));
    expect(await refused).toContain('TypeError');
    expect(complaints.filter((text) => !text.includes('example.org'))).toEqual([]);
  });
});
