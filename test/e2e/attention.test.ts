/** Attention of trained models: a source translated step by step, its weights changed by hand, branches forced. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { AttentionExamination } from '../../engine/explain/attention-examination.ts';
import { attentionChanges, parseDecodingChanges } from '../../engine/explain/decoding-changes.ts';
import { readCheckpoint } from '../../engine/formats/checkpoint.ts';
import { Translator } from '../../engine/models/translator.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import { fixed } from '../../renderer/format.ts';
import { App, contentOf, openWindow, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';
import { trainRuns } from './trained.ts';

// Models are trained before the first test where none are cached; some tests go through many steps of a page.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const browserAddress = inject('browserAddress');

const reversal = (name: string, model: object) => ({
  name: `Reversal, ${name}`,
  experiment: {
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task: { id: 'reversal', alphabet: 4, longest: 5, beyond: 1, validationItems: 40 },
    model,
    training: {
      ...{ batchSize: 32, updates: 240, evaluateEvery: 240, checkpointEvery: 80 },
      optimizer: { kind: 'adam', learningRate: 0.01 },
    },
  },
});

const reber = (name: string, model: object) => ({
  name: `Reber, ${name}`,
  experiment: {
    ...reversal(name, model).experiment,
    task: { id: 'reber', trainingStrings: 64, validationStrings: 16 },
    training: { batchSize: 16, updates: 40, evaluateEvery: 40, checkpointEvery: 20 },
  },
});

const MODELS = [
  reversal('attention', { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 16, attention: 'additive' }),
  reversal('transformer', { architecture: 'transformer', modelSize: 16, heads: 2, layers: 1, feedForwardSize: 16 }),
  reber('transformer', { architecture: 'transformer', modelSize: 8, heads: 2, layers: 1, feedForwardSize: 8 }),
  reber('LSTM', { cell: 'lstm', hiddenSize: 6 }),
  reversal('one vector', { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 16 }),
];

describe.skipIf(browserAddress === null)('attention', () => {
  let app: App;
  let window: Window;
  let page: Page;
  let ids: readonly string[];

  beforeAll(async () => {
    app = await App.start(async (workspace) => {
      ids = await trainRuns(workspace, MODELS);
    });
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  const strip = (): Locator => page.getByRole('slider', { name: 'Sequence' });
  const matrix = (): Locator => page.getByRole('slider', { name: 'attention weight', exact: true });
  const written = (name: string): Locator => page.getByRole('region', { name: 'What is written' }).getByText(name);
  const line = async (name: string): Promise<string> =>
    (await written(name).locator('xpath=..').locator('.text > .unseen').textContent()) ?? '';
  const inRibbons = (name: string | RegExp): Locator =>
    page.getByRole('group', { name: 'Alignment of source and target' }).getByRole('button', { name });
  const spoken = async (slider: Locator): Promise<string> => (await slider.getAttribute('aria-valuetext')) ?? '';
  /** What a slider says once it is of this form. */
  const spokenLike = (slider: Locator, form: RegExp): Promise<string> =>
    eventually(async () => {
      const said = await spoken(slider);
      expect(said).toMatch(form);
      return said;
    });
  const numberOf = (text: string): number => Number(text.trim().replace('\u2212', '-'));
  const changes = (): string => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('hold') ?? '';

  /** What a run is at its last checkpoint. */
  async function opened(run: string) {
    const folder = join(app.workspace, 'runs', run, 'checkpoints');
    const last = (await readdir(folder))
      .filter((name) => name.endsWith('.safetensors'))
      .toSorted()
      .at(-1)!;
    const { experiment, taskState, model: weights } = readCheckpoint(await readFile(join(folder, last)), last);
    const codec = restoreCodec(taskState);
    const core = await loadCore(coreFiles, { shared: false });
    const options = { core, experiment, codec, weights, sourceSteps: 8, steps: 100, beams: 1, sourceName: last };
    return { ...options, translator: await Translator.load(options) };
  }

  /** What the engine itself writes at the last checkpoint of a run with what the address says is changed. */
  async function translated(run: string, source: string, changed: string): Promise<string> {
    const { codec, translator } = await opened(run);
    const { forced, ...rest } = parseDecodingChanges(changed);
    const asked = { forced, changes: attentionChanges({ forced, ...rest }) };
    return codec.target!.write(translator.write(codec.encode(source), asked).symbols);
  }

  async function type(source: string): Promise<void> {
    await page.getByRole('radio', { name: 'Typed' }).check();
    await page.getByRole('textbox', { name: 'What the model reads' }).fill(source);
    await inRibbons(new RegExp(`^source ${source.length}, ${source.at(-1)}:`, 'u')).waitFor();
  }

  test('is opened from the rail, of a run that is chosen there', async () => {
    await page.getByRole('link', { name: 'Attention', exact: true }).click();
    await page.getByRole('link', { name: 'Reversal, attention' }).click();
    await inRibbons(/^source 1, /u).waitFor();
    await page.getByRole('slider', { name: 'Checkpoints' }).waitFor();
  });

  test('translates what is typed, as the engine does, and says what cannot be read', async () => {
    await type('abcd');
    await expect.poll(() => line('By itself')).toBe(await translated(ids[0]!, 'abcd', ''));
    await page.getByRole('textbox', { name: 'What the model reads' }).fill('ab?');
    await page.getByRole('status').filter({ hasText: '?' }).waitFor();
    await type('abcd');
  });

  test('is stepped through by key; ribbons and matrix say the same', async () => {
    await strip().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => spoken(strip())).toMatch(/^step 2 of \d+: /u);
    await matrix().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const [, row, symbol, weight] =
      /(\d+) · \S+, (\S+): (\S+)$/u.exec(await spokenLike(matrix(), /2 · \S+, \S+: \S+$/u)) ?? [];
    expect(row).toBe('2');
    await inRibbons(`source 2, ${symbol}: weight ${weight}`).waitFor();
    await eventually(async () => {
      const labels = await inRibbons(/^source \d/u).evaluateAll((all) => all.map((one) => one.ariaLabel ?? ''));
      const weights = labels.map((label) => numberOf(/weight (\S+)$/u.exec(label)?.[1] ?? 'none'));
      expect(weights).toHaveLength(4);
      expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 2);
    });
  });

  test('is followed from a weight to its score, to an element of the query and to the weights of the model, and back', async () => {
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const shown = async (): Promise<number> => numberOf(await inspector.locator('.value strong').innerText());
    const weight = numberOf((await spokenLike(matrix(), /: \S*\d$/u)).split(': ').at(-1)!);
    await inspector.getByRole('heading', { name: 'Attention weight' }).waitFor();
    await expect.poll(shown).toBe(weight);
    const scores = await eventually(async () => {
      const all = (await inspector.locator('li > strong').allInnerTexts()).map(numberOf);
      expect(all).toHaveLength(4);
      const sum = all.reduce((total, score) => total + Math.exp(score), 0);
      expect(Math.abs(Math.exp(all[0]!) / sum - weight)).toBeLessThan(0.002);
      return all;
    });
    await inspector.getByRole('button', { name: /^Follow e 2,2/u }).click();
    await inspector.getByRole('heading', { name: 'Score', exact: true }).waitFor();
    await expect.poll(shown).toBeCloseTo(scores[0]!, 3);
    await inspector
      .getByRole('button', { name: /^Follow m/u })
      .first()
      .click();
    await inspector.getByRole('heading', { name: 'tanh of query and key' }).waitFor();
    await inspector.getByRole('button', { name: /^Follow q/u }).click();
    await inspector.getByRole('heading', { name: 'Query', exact: true }).waitFor();
    await inspector
      .getByRole('button', { name: /^Follow W/u })
      .first()
      .click();
    await inspector.getByRole('heading', { name: 'Weight', exact: true }).waitFor();
    await inspector.getByRole('navigation', { name: 'How you came here' }).getByRole('button').nth(1).click();
    await inspector.getByRole('heading', { name: 'Attention weight' }).waitFor();
  });

  test('comes into being along the timeline', async () => {
    // The address has what was chosen.
    await expect.poll(() => new URL(page.url()).hash).toContain('quantity=live%2F%2F%2F1');
    const last = await spokenLike(matrix(), /: \S*\d$/u);
    await page.getByRole('slider', { name: 'Checkpoints' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(matrix())).not.toBe(last);
    await page.keyboard.press('End');
    await expect.poll(() => spoken(matrix())).toBe(last);
  });

  test.each([0, 1])(
    'that is edited decodes as the engine does with these weights, beside the original: run %i',
    async (run) => {
      await page.evaluate(
        (id) => (globalThis.location.hash = `#/attention?run=${id}&input=%22abcd%22&step=1`),
        ids[run]!,
      );
      await inRibbons(/^source 4, d/u).waitFor();
      const own = await translated(ids[run]!, 'abcd', '');
      await expect.poll(() => line('By itself')).toBe(own);
      for (const step of [1, 2, 3]) {
        await inRibbons(new RegExp(`^step ${step}, `, 'u')).click();
        const bar = page.getByRole('slider', { name: /^weight of source 1, a/u });
        await inRibbons(/^source 1, a/u).click();
        await bar.focus();
        await page.keyboard.press('End');
        await expect.poll(() => bar.getAttribute('aria-valuetext')).toBe('1.000');
        await page.keyboard.press('ArrowDown');
        await expect.poll(() => bar.getAttribute('aria-valuetext')).toBe('0.950');
      }
      const changed = await eventually(() => {
        const reached = changes();
        // The address follows when the last of the three bars has come to rest.
        expect(reached.match(/attend=/gu)).toHaveLength(3);
        expect(reached.match(/0\.95/gu)).toHaveLength(3);
        return reached;
      });
      const expected = await translated(ids[run]!, 'abcd', changed);
      await expect.poll(() => line('Changed')).toBe(expected);
      await expect.poll(() => line('By itself')).toBe(own);
      await page.getByText(/symbols? differs?|same symbols/u).waitFor();
      await page.getByRole('radio', { name: 'Difference' }).check();
      await page.getByRole('button', { name: 'Let go of all changes' }).click();
      await written('Changed').waitFor({ state: 'detached' });
    },
  );

  test('of several heads is shown head by head, and as their mean', async () => {
    await page.getByLabel(/^Attention: Layer 1, mean/u).click();
    await page.getByRole('option', { name: 'Layer 1, head 2' }).click();
    await expect.poll(() => new URL(page.url()).hash).toContain('multihead_attn%2F1');
  });

  test('goes on from a branch of the beam that is chosen, and from a symbol', async () => {
    const beam = page.getByRole('group', { name: 'Beam' });
    const branch = beam.getByRole('button', { name: /^\S+ \S+: / }).last();
    const label = await eventually(() => branch.getAttribute('aria-label'));
    const [, first, second] = /^(\S+) (\S+): /u.exec(label ?? '') ?? [];
    await branch.click();
    const changed = await eventually(() => {
      const reached = changes();
      expect(reached).toMatch(/^force=/u);
      return reached;
    });
    await expect.poll(() => line('Changed')).toMatch(new RegExp(`^${first}${second}`.replace('end', ''), 'u'));
    await expect.poll(() => line('Changed')).toBe(await translated(ids[1]!, 'abcd', changed));
    await strip().focus();
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: /^b \S+: write it here/u }).click();
    await expect.poll(() => line('Changed')).toMatch(/^b/u);
    await page.getByRole('button', { name: 'Let go of all changes' }).click();
  });

  test('is beside the gradient’s reach into the source, here and without attention, as the engine measures it', async () => {
    const region = page.getByRole('region', { name: 'Attention against the gradient’s reach' });
    const norms = (of: string): Locator => region.getByRole('slider', { name: `norm of the gradient, ${of}` });
    const path = async (): Promise<readonly number[]> => {
      const { codec, translator } = await opened(ids[1]!);
      return translator.write(codec.encode('abcd')).steps.map(({ symbol }) => symbol);
    };
    await strip().focus();
    await page.keyboard.press('Home');
    await region.getByLabel('Beside it: Reversal, one vector').waitFor();
    for (const [name, run] of [
      ['Reversal, transformer', 1],
      ['Reversal, one vector', 4],
    ] as const) {
      const { experiment, codec, weights, core } = await opened(ids[run]!);
      const examination = await AttentionExamination.load({
        ...{ core, experiment, codec, weights, sourceSteps: 8, steps: 100, sourceName: name },
      });
      const { norms: wanted } = examination.sourceReach(codec.encode('abcd').tokens!, await path());
      await norms(name).focus();
      await page.keyboard.press('Home');
      for (const s of [0, 1, 2, 3]) {
        await expect.poll(async () => (await spoken(norms(name))).split(': ').at(-1)).toBe(fixed(wanted[s]));
        await page.keyboard.press('ArrowRight');
      }
    }
    await region.getByText(/^Chosen: d, with weight/u).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('is drawn at a temperature and a share of the probability, the same again from a seed, and goes on from what is chosen', async () => {
    const drawn = page.getByRole('region', { name: 'Drawn' });
    const rows = async (): Promise<readonly string[]> =>
      (await drawn.getByRole('row').allInnerTexts()).slice(1).map((row) => row.replaceAll(/\s+/gu, ' '));
    const times = async (): Promise<number> =>
      (await rows()).reduce((sum, row) => sum + Number(/(\d+) of 20/u.exec(row)?.[1]), 0);
    await expect.poll(times).toBe(20);
    const slide = async (name: string, key: string): Promise<void> => {
      await drawn.getByRole('slider', { name }).focus();
      await page.keyboard.press(key);
    };
    await slide('Temperature', 'End');
    const first = await eventually(async () => {
      expect(await times()).toBe(20);
      const all = await rows();
      expect(all.length).toBeGreaterThan(3);
      return all;
    });
    await drawn.getByRole('button', { name: 'Draw others' }).click();
    await expect.poll(rows).not.toEqual(first);
    await drawn.getByRole('textbox', { name: 'Seed' }).fill('1');
    await expect.poll(rows).toEqual(first);
    // Of the share only the most probable is left, whatever the temperature: what is written greedily.
    await slide('Top-p', 'Home');
    await eventually(async () => {
      expect(await rows()).toEqual([expect.stringMatching(new RegExp(`^${await line('By itself')} 20 of 20`, 'u'))]);
    });
    await slide('Top-p', 'End');
    await expect.poll(rows).toEqual(first);
    const other = drawn.getByRole('button', { name: /^Write/u }).last();
    const text = (await eventually(() => other.innerText())).trim();
    await other.click();
    await expect.poll(changes).toMatch(/^force=/u);
    await expect.poll(() => line('Changed')).toBe(text === 'nothing' ? '' : text);
    expect(await findings(page)).toEqual([]);
    await slide('Temperature', 'Home');
    await page.getByRole('button', { name: 'Let go of all changes' }).click();
  });

  test.each([
    ['Alignment of source and target', 'Save as SVG', '<svg '],
    ['Alignment of source and target', 'Save as PNG', '\x89PNG'],
    ['Alignment of source and target', 'Save as CSV', '\xef\xbb\xbf'],
    ['attention weight', 'Save as CSV', '\xef\xbb\xbf'],
    ['Beam', 'Save as SVG', '<svg '],
    ['Beam', 'Save as CSV', '\xef\xbb\xbfwritten,'],
  ])('is saved: %s, %s', async (name, item, beginning) => {
    await page.getByRole('button', { name: new RegExp(`^Save “Reversal, transformer.* ${name}”`, 'u') }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    const content = (await contentOf(download)).toString('latin1');
    expect(content.slice(0, 40)).toContain(beginning);
    expect(content.length).toBeGreaterThan(60);
    await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  });

  test('of a transformer is opened stage by stage, for any head and step', async () => {
    await page.getByRole('radio', { name: 'Self-attention' }).check();
    await page.getByRole('button', { name: 'Decoder 1, head 2' }).click();
    await page.getByRole('heading', { name: 'Decoder 1, head 2' }).waitFor();
    await strip().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const stage = (name: string): Locator => page.getByRole('slider', { name, exact: true });
    for (const [name, heading] of [
      ['Query', 'Query'],
      ['Keys', 'Key'],
      ['Scores', 'Scaled score'],
      ['Softmax', 'Attention weight'],
      ['Values', 'Value'],
      ['Weighted sum', 'Weighted sum of values'],
    ] as const) {
      await stage(name).focus();
      await page.keyboard.press('End');
      await page.keyboard.press('Home');
      await inspector.getByRole('heading', { name: heading, exact: true }).waitFor();
      await eventually(async () => {
        const said = (await spoken(stage(name))).split(': ').at(-1);
        expect((await inspector.locator('.value strong').innerText()).trim()).toBe(said);
      });
    }
    // A step sees itself and those before it.
    await stage('Mask').focus();
    await page.keyboard.press('End');
    await expect.poll(() => spoken(stage('Mask'))).toMatch(/: \u2013$/u);
    await expect.poll(() => spoken(stage('Softmax'))).toMatch(/: 0\.000$/u);
  });

  test('of a transformer goes on through the layer: sum, normalisation and feed-forward, each with its numbers', async () => {
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const rest = page.getByRole('region', { name: /^The rest of the layer/u });
    // Another attention comes between the decoder's own and the feed-forward part.
    await rest.getByText('It goes on in this layer’s attention over the source.').waitFor();
    await page.getByRole('button', { name: 'Decoder 1 over the source, head 1' }).click();
    const stage = (name: string): Locator => rest.getByRole('slider', { name, exact: true });
    await stage('Output of the layer').waitFor();
    for (const [name, heading] of [
      ['Heads together', 'Heads together'],
      ['Residual sum', 'Residual sum'],
      ['Normalised', 'Normalised'],
      ['Feed-forward, in', 'Feed-forward, in'],
      ['Feed-forward, hidden', 'Feed-forward, hidden'],
      ['Feed-forward, out', 'Feed-forward, out'],
      ['Output of the layer', 'Residual sum'],
    ] as const) {
      await stage(name).focus();
      await page.keyboard.press('End');
      await page.keyboard.press('Home');
      await inspector.getByRole('heading', { name: heading, exact: true }).waitFor();
      await eventually(async () => {
        const said = (await spoken(stage(name))).split(': ').at(-1);
        expect((await inspector.locator('.value strong').innerText()).trim()).toBe(said);
      });
    }
    await eventually(async () => {
      const sum = numberOf(await inspector.locator('.value strong').innerText());
      const terms = (await inspector.locator('li > strong').allInnerTexts()).map(numberOf);
      expect(terms).toHaveLength(2);
      expect(Math.abs(terms[0]! + terms[1]! - sum)).toBeLessThan(0.02);
    });
    await stage('Normalised').focus();
    await page.keyboard.press('End');
    await inspector.getByRole('button', { name: /^Follow \u03c3/u }).click();
    await inspector.getByRole('heading', { name: 'Standard deviation, with a little added' }).waitFor();
    await page.getByRole('button', { name: 'Decoder 1, head 2' }).click();
  });

  test('has heads that can be silenced, and what follows is what the engine decodes', async () => {
    const own = await translated(ids[1]!, 'abcd', '');
    await expect.poll(() => line('By itself')).toBe(own);
    for (const head of [1, 2]) {
      await page.getByRole('checkbox', { name: `Silence Decoder 1 over the source, head ${head}` }).check();
      await expect.poll(() => changes().split('silence=')).toHaveLength(head + 1);
    }
    const silenced = await translated(ids[1]!, 'abcd', await eventually(changes));
    // Without the source nothing of it can be written.
    expect(silenced).not.toBe(own);
    await expect.poll(() => line('Changed')).toBe(silenced);
    await expect.poll(() => line('By itself')).toBe(own);
    await page.getByRole('button', { name: 'Let go of all changes' }).click();
    await written('Changed').waitFor({ state: 'detached' });
  });

  test('of any transformer is looked at, beside the reach of a recurrent run of the same task', async () => {
    await page.evaluate((id) => (globalThis.location.hash = `#/attention?run=${id}&step=4`), ids[2]!);
    await page.getByRole('heading', { name: 'Attention against recurrence' }).waitFor();
    const norm = page.getByRole('slider', { name: 'norm of the gradient' });
    await norm.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(norm)).toMatch(/: \S*\d/u);
    const answers = page.getByRole('region', { name: 'What the model answers' });
    const cells = answers.getByRole('row').nth(1).getByRole('cell');
    const before = await eventually(async () => {
      const count = await cells.count();
      expect(count).toBeGreaterThan(0);
      return count;
    });
    await page.getByRole('checkbox').first().check();
    await answers.getByRole('columnheader', { name: 'Difference' }).waitFor();
    await expect.poll(() => cells.count()).toBe(before + 2);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('slider', { name: 'Position encodings' }).waitFor();
    for (const [name, header] of [
      ['All heads', 'Attention,asks,1,2'],
      ['What the model answers', 'Answer,By itself,Changed'],
    ]) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: new RegExp(`^Save .* ${name}” as CSV`, 'u') }).click(),
      ]);
      expect((await contentOf(download)).toString('utf8')).toContain(header);
    }
  });

  test('axe finds nothing on it, light or dark', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test('without it there is one vector: its numbers, the line to another one, and what comes back by length', async () => {
    await page.evaluate((id) => (globalThis.location.hash = `#/attention?run=${id}&input=%22abc%22`), ids[4]!);
    const share = page.getByRole('slider', { name: 'Share of the second source’s vector' });
    await share.waitFor();
    await page.getByRole('textbox', { name: 'Second source' }).fill('ddcc');
    await page.getByText('32 numbers').waitFor();
    for (const [key, source] of [
      ['Home', 'abc'],
      ['End', 'ddcc'],
    ] as const) {
      await share.focus();
      await page.keyboard.press(key);
      const text = await translated(ids[4]!, source, '');
      await expect.poll(() => share.getAttribute('aria-valuetext')).toBe(`${key === 'Home' ? '0' : '1'}.00: ${text}`);
    }
    await page.getByRole('list', { name: 'Decodings along the line' }).getByRole('button').nth(5).click();
    await expect.poll(() => share.getAttribute('aria-valuetext')).toMatch(/^0\.50: /u);
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const state = page.getByRole('slider', { name: 'state c of layer 1' });
    await state.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await inspector.getByRole('heading', { name: 'Context vector between the two' }).waitFor();
    await eventually(async () => {
      const value = numberOf((await spoken(state)).split(': ').at(-1) ?? '');
      expect(numberOf(await inspector.locator('.value strong').innerText())).toBe(value);
      const ends = (await inspector.locator('li > strong').allInnerTexts()).map(numberOf);
      expect(ends).toHaveLength(2);
      expect(Math.abs((ends[0]! + ends[1]!) / 2 - value)).toBeLessThan(0.0011);
    });
    await page.getByText(/held-out items, translated now/u).waitFor();
    await page.getByText('Exactly right', { exact: true }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('the page had nothing to complain of', () => {
    expect([...window.strayed, ...window.complaints]).toEqual([]);
  });
});
