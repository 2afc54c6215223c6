/** Sequences: the five shapes with models trained in the page, the shape that does not fit, and the ladder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { readCheckpoint } from '../../engine/formats/checkpoint.ts';
import { Predictor } from '../../engine/models/predictor.ts';
import { Translator } from '../../engine/models/translator.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import { App, openWindow, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';
import { trainRuns } from './trained.ts';

const browserAddress = inject('browserAddress');

const small = (name: string, task: object, model: object) => ({
  name,
  experiment: {
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task,
    model,
    training: { batchSize: 16, updates: 60, optimizer: { kind: 'adam', learningRate: 0.01 } },
  },
});
const WANTED = [
  small('Parity', { id: 'parity' }, { cell: 'gru', hiddenSize: 8 }),
  small(
    'Reversal, one vector',
    { id: 'reversal', alphabet: 4, longest: 5, beyond: 1, validationItems: 40 },
    { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 16 },
  ),
];

// Models learn in the page while the tests wait, which takes as long as the machine needs.
const TRAINING_TIME = 240_000;
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe.skipIf(browserAddress === null)('sequences', () => {
  let app: App;
  let window: Window;
  let page: Page;
  let ids: readonly string[];

  beforeAll(async () => {
    app = await App.start(async (workspace) => {
      ids = await trainRuns(workspace, WANTED);
    });
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
    await page.getByRole('link', { name: 'Sequences' }).click();
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  /** What the engine makes of a text with a run's last checkpoint. */
  async function answered(run: string, text: string): Promise<string> {
    const folder = join(app.workspace, 'runs', run, 'checkpoints');
    const last = (await readdir(folder))
      .filter((name) => name.endsWith('.safetensors'))
      .toSorted()
      .at(-1)!;
    const { experiment, taskState, model: weights } = readCheckpoint(await readFile(join(folder, last)), last);
    const codec = restoreCodec(taskState);
    const core = await loadCore(coreFiles, { shared: false });
    const encoded = codec.encode(text);
    const common = { core, experiment, weights, sourceName: last };
    if (codec.kind === 'translation') {
      const translator = await Translator.load({ ...common, codec, sourceSteps: 8, steps: 100, beams: 1 });
      return codec.target!.write(translator.write(encoded).symbols);
    }
    const predictor = await Predictor.load({ ...common, task: codec, steps: encoded.steps });
    const said = codec.decode(encoded, predictor.run(encoded)) as readonly { readonly tag: string }[];
    return said.map(({ tag }) => tag).join(' ');
  }

  const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' });
  const choose = (name: string): Promise<void> => page.getByRole('radio', { name, exact: true }).check({ force: true });
  const answer = (): Locator => page.getByRole('main').locator('output');
  /** Of the items that are measured, once training is at its end. */
  async function rightAtTheEnd(): Promise<number> {
    const progress = inspector().locator('dd', { hasText: /^[\d,]+ \/ / });
    await expect
      .poll(async () => (await progress.innerText()).split(' / '), { timeout: TRAINING_TIME })
      .toSatisfy(([done, all]: string[]) => done === all && all !== '0');
    return eventually(async () => {
      const [right = NaN, asked] = (await inspector().locator('dd').last().innerText()).split(' of ').map(Number);
      expect(asked).toBeGreaterThan(0);
      return right / asked!;
    });
  }

  test.each([
    ['One to one', '7', 'seven'],
    ['One to many', '42', 'forty-two'],
    ['Many to one', 'seven hundred forty-two', '7'],
    ['Many to many, in step', '3 1 4 1 5 9 2 6', '3 3 4 4 5 9 9 9'],
    ['Encoder and decoder', 'seven hundred forty-two', '742'],
  ])('%s learns in the page and answers', async (shape, typed, said) => {
    await choose(shape);
    await inspector().getByRole('heading', { name: shape }).waitFor();
    await expect.poll(() => page.getByLabel('Try it with').inputValue()).toBe(typed);
    expect(await rightAtTheEnd()).toBeGreaterThan(0.9);
    await expect.poll(() => answer().innerText()).toBe(said);
    const reads = new RegExp(`^${shape}: reads .* and writes \\d+, ${said}\\.$`, 'u');
    await page.getByRole('img', { name: reads }).waitFor();
  });

  test.each([
    ['Many to many, in step', 'Parity', '1101'],
    ['Encoder and decoder', 'Reversal, one vector', 'abcd'],
  ])('%s runs a run of one’s own in the diagram, which says what the engine says', async (shape, name, typed) => {
    await choose(shape);
    await inspector().getByLabel('The model: The one that learns here').click();
    await page.getByRole('option', { name }).click();
    await inspector().getByRole('link', { name }).waitFor();
    // An item of its data is there to begin with.
    await expect.poll(() => page.getByLabel('Try it with').inputValue()).not.toBe('');
    await page.getByLabel('Try it with').fill(typed);
    const wanted = await answered(ids[WANTED.findIndex((one) => one.name === name)]!, typed);
    await expect.poll(() => answer().innerText()).toBe(wanted);
    await page
      .getByRole('img', {
        name: new RegExp(`: reads ${typed.length} symbols, ${Array.from(typed).join(' ?')}, and writes`, 'u'),
      })
      .waitFor();
    await page.getByLabel('Try it with').fill('?');
    await page.getByLabel('Try it with').and(page.locator('[aria-invalid=true]')).waitFor();
    await page.getByLabel('Try it with').fill(typed);
    expect(await findings(page)).toEqual([]);
    await inspector().getByLabel(`The model: ${name}`).click();
    await page.getByRole('option', { name: 'The one that learns here' }).click();
  });

  test('what is typed is answered, or said to be what it cannot read', async () => {
    await page.getByLabel('Try it with').fill('nine hundred six');
    await expect.poll(() => answer().innerText()).toBe('906');
    await page.getByLabel('Try it with').fill('');
    await page.getByLabel('Try it with').and(page.locator('[aria-invalid=true]')).waitFor();
    await page.getByLabel('Try it with').fill('nine hundred six');
  });

  test('breaks no rule of accessibility', async () => {
    expect(await findings(page)).toEqual([]);
  });

  test('the same task in step fails, and it is said why', async () => {
    await inspector().getByRole('button', { name: 'Try it in step' }).click();
    await inspector().getByRole('heading', { name: 'What does not fit' }).waitFor();
    await inspector()
      .getByText(/The first digit is due when “s” has been read.* begin with 1, 6, 7 as digits, 3 in all/u)
      .waitFor();
    expect(await rightAtTheEnd()).toBeLessThan(0.1);
    await expect.poll(() => page.getByRole('img', { name: 'wrong', exact: true }).count()).toBeGreaterThan(3);
    await page.waitForFunction(() => location.hash.includes('shapes.misfit'));
  });

  test('four rungs are trained side by side and measured', async () => {
    await choose('The ladder');
    await page.getByRole('heading', { name: 'The ladder', level: 1 }).waitFor();
    const row = (name: string): Promise<readonly string[]> =>
      page
        .getByRole('row', { name: new RegExp(`^${name} `, 'u') })
        .getByRole('cell')
        .allInnerTexts();
    // Counted in the graph for 16 symbols: states in a row, and the longest path.
    await expect.poll(async () => (await row('In step')).slice(-2)).toEqual(['16', 'no way']);
    await expect.poll(async () => (await row('Encoder and decoder')).slice(-2)).toEqual(['32', '33']);
    await expect.poll(async () => (await row('With attention')).slice(-2)).toEqual(['32', '2']);
    await expect.poll(async () => (await row('Transformer')).slice(-2)).toEqual(['2', '3']);
    await inspector().getByRole('button', { name: 'Train all four' }).click();
    for (const rung of ['In step', 'Encoder and decoder', 'With attention', 'Transformer']) {
      await expect
        .poll(async () => Number((await row(rung))[5]?.replaceAll(/\D/gu, '')), { timeout: TRAINING_TIME })
        .toBeGreaterThan(0);
      const bar = inspector().getByRole('progressbar', { name: rung });
      await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
    }
    // The attention learns within seconds what the network in step never does.
    await expect
      .poll(async () => Number.parseFloat((await row('With attention'))[1]!), { timeout: TRAINING_TIME })
      .toBeGreaterThan(30);
    await expect.poll(async () => Number.parseFloat((await row('In step'))[1]!)).toBeLessThan(20);
    await inspector().getByRole('button', { name: 'Pause' }).click();
    expect(await findings(page)).toEqual([]);
  });

  test('longer strings put more states in a row, but in the transformer', async () => {
    await choose('Up to 32 symbols');
    const row = (name: string): Promise<readonly string[]> =>
      page
        .getByRole('row', { name: new RegExp(`^${name} `, 'u') })
        .getByRole('cell')
        .allInnerTexts();
    await expect.poll(async () => (await row('In step')).slice(-2)).toEqual(['32', 'no way']);
    await expect.poll(async () => (await row('Encoder and decoder')).slice(-2)).toEqual(['64', '65']);
    await expect.poll(async () => (await row('Transformer')).slice(-2)).toEqual(['2', '3']);
    await page.getByRole('columnheader', { name: 'Whole, 26 to 32' }).waitFor();
    await page.getByLabel('Letters a to h, to be written backwards').fill('abcdefghabcdefghabcdefgh');
    await page.getByRole('img', { name: /: reads 24 symbols, abcdefghabcdefghabcdefgh,/u }).waitFor();
    await page.getByLabel(/^Learnt when so many are whole: 90 %/u).click();
    await page.getByRole('option', { name: '75 %' }).click();
    await page.getByRole('columnheader', { name: 'Seconds until 75 % are whole' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByLabel('Letters a to h, to be written backwards').fill('abcdefgh');
    await choose('Up to 16 symbols');
  });

  test('four runs are started together, one for each rung', async () => {
    await choose('The ladder');
    await choose('Your runs');
    // One of the runs that were there turns a sequence into another, through one vector.
    await expect.poll(() => page.getByText('no run yet').count()).toBe(3);
    await page.getByRole('button', { name: 'Start the four as runs' }).click();
    for (const rung of ['In step', 'Encoder and decoder', 'With attention', 'Transformer']) {
      await page.getByRole('link', { name: `Ladder: ${rung}` }).waitFor();
      await page.getByLabel(`${rung}: Ladder: ${rung}`).waitFor();
    }
    const quarter = page.getByRole('columnheader', { name: /longest quarter \(1\d to 16 symbols\)/u });
    await quarter.first().waitFor({ timeout: TRAINING_TIME });
    expect(await findings(page)).toEqual([]);
    await choose('Models that learn in this page');
  });

  test('each rung tells its reason in the measured numbers, and what it writes', async () => {
    await choose('With attention');
    await inspector()
      .getByText(/^Through one vector, \d+ % of the strings with 14 to 16 symbols .* falls from 33 edges to 2/u)
      .waitFor();
    await page.getByLabel('Letters a to h, to be written backwards').fill('badge');
    await page.getByRole('img', { name: /^With attention: reads 5 symbols, badge, and writes/u }).waitFor();
    await page.waitForFunction(() => location.hash.includes('ladder.attention'));
    await page.reload();
    await inspector().getByRole('heading', { name: 'With attention' }).waitFor();
  });

  test('the page had nothing to complain of', () => {
    expect([...window.strayed, ...window.complaints]).toEqual([]);
  });
});
