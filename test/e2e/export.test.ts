/** A run's model leaves the lab in every format, and a bundle and weights come in again. */
import { join } from 'node:path';
import type { Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { readBundle } from '../../electron/exports/bundle.ts';
import { readSafetensors } from '../../engine/formats/safetensors.ts';
import { readZip } from '../../engine/formats/zip.ts';
import { App, contentOf, openWindow, type Window } from './app.ts';
import { findings } from './axe.ts';
import { eventually } from './eventually.ts';
import { trainRuns } from './trained.ts';

// Models are trained before the first test where none are cached; each is exported in several formats.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const browserAddress = inject('browserAddress');

const EXPERIMENT = {
  format: 'unrolled-experiment',
  version: 1,
  seed: 1,
  task: { id: 'names-gender', validationShare: 0.02 },
  model: { cell: 'lstm', hiddenSize: 12, embeddingSize: 6 },
  training: { updates: 60, batchSize: 16, evaluateEvery: 20, checkpointEvery: 20 },
};

const TRANSLATOR = {
  ...EXPERIMENT,
  task: { id: 'reversal', validationItems: 20, longest: 5, beyond: 2 },
  model: { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 8, attention: 'additive' },
  training: { ...EXPERIMENT.training, updates: 20 },
};

const WANTED = [
  { name: 'Reversal', experiment: TRANSLATOR },
  { name: 'Names', experiment: EXPERIMENT },
];

describe.skipIf(browserAddress === null)('taking models along', () => {
  let app: App;
  let window: Window;
  let page: Page;
  let bundle: Buffer;
  let weights: Buffer;

  beforeAll(async () => {
    app = await App.start(async (workspace) => {
      await trainRuns(workspace, WANTED);
    });
    window = await openWindow(app, { browser: browserAddress! });
    ({ page } = window);
  });
  afterAll(async () => {
    await window.browser.close();
    await app.stop();
  });

  const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true });
  const dialog = (): Locator => page.getByRole('dialog');

  async function save(format: string): Promise<Download> {
    await page.getByRole('radio', { name: new RegExp(`^${format} `, 'u') }).check();
    await page.getByRole('heading', { name: 'The model’s card' }).waitFor();
    await expect.poll(() => button('Save').isEnabled()).toBe(true);
    const [download] = await Promise.all([page.waitForEvent('download'), button('Save').click()]);
    await page.getByText(`“${download.suggestedFilename()}” is saved.`).waitFor();
    return download;
  }

  test('the rail leads to it while a run is open', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect.poll(() => page.getByRole('link', { name: 'Export' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Names' }).click();
    await page.getByRole('link', { name: 'Export' }).click();
    await page.getByRole('heading', { name: 'Export', level: 1 }).waitFor();
    await page.getByText('Names, weights of update 60').waitFor();
    await page.getByText('ort.InferenceSession').waitFor();
    await page.getByRole('cell', { name: 'lengths' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('ONNX, a page, PyTorch and a bundle are saved', async () => {
    expect((await save('ONNX')).suggestedFilename()).toBe('names-60.onnx');
    const html = await contentOf(await save('A page'));
    expect(html.toString('latin1', 0, 15)).toBe('<!doctype html>');
    const zip = await contentOf(await save('PyTorch'));
    const files = readZip(zip, 'it', { accepts: () => true, mostBytes: 1e7 });
    expect([...files.keys()].sort()).toEqual(['README.md', 'example.json', 'model.py', 'model.safetensors']);
    weights = Buffer.from(files.get('model.safetensors')!);
    bundle = await contentOf(await save('A bundle for another lab'));
    expect(readBundle(bundle, 'it').checkpoints.length).toBeGreaterThanOrEqual(4);
  });

  test('a translator is saved as an encoder and a decoder', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('link', { name: 'Reversal' }).click();
    await page.getByRole('link', { name: 'Export' }).click();
    await page.getByRole('heading', { name: 'What goes into encoder.onnx and comes out of it' }).waitFor();
    const decoder = page.getByRole('region', { name: 'What goes into decoder.onnx and comes out of it' });
    await expect.poll(() => decoder.getByRole('cell', { name: 'float [source_time, batch, ' }).count()).toBe(2);
    await page.getByText('ort.InferenceSession("decoder.onnx")').waitFor();
    expect(await findings(page)).toEqual([]);
    const download = await save('ONNX');
    expect(download.suggestedFilename()).toMatch(/^reversal-\d+-onnx\.zip$/u);
    const files = readZip(await contentOf(download), 'it', { accepts: () => true, mostBytes: 1e7 });
    expect([...files.keys()]).toEqual(['encoder.onnx', 'decoder.onnx', 'README.md']);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('link', { name: 'Names' }).click();
    await page.getByRole('link', { name: 'Export' }).click();
  });

  test('the timeline chooses the weights', async () => {
    await page.evaluate(() => (location.hash = `${location.hash.split('&')[0] ?? ''}&at=20`));
    await page.getByText('Names, weights of update 20').waitFor();
    await page.getByText('Trained for 20 updates').waitFor();
  });

  test('a bundle becomes a run with the same course', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'names.unrolled', mimeType: 'application/zip', buffer: bundle });
    await dialog().getByText('The same data are here').waitFor();
    expect(await findings(page)).toEqual([]);
    await dialog().getByLabel('Name of the run').fill('From a friend');
    await button('Open as a run').click();
    await page.getByText('“From a friend” is in the workspace.').waitFor();
    await page.getByRole('heading', { name: 'From a friend', level: 2 }).waitFor();
    await page.getByText('Finished').first().waitFor();
    // How its gradients fared came along.
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const fares = inspector.getByRole('region', { name: /^Its gradients at update \d+$/u });
    await eventually(async () => {
      const told = await fares.locator('dd').allInnerTexts();
      expect(told.at(-1)).toMatch(/^[\d.]+ %$/u);
      expect(told.slice(0, 2)).toEqual(Array(2).fill(expect.stringMatching(/^\d+(?:\.\d+)?(?:e.\d+)?$/u)));
    });
    expect(await findings(page)).toEqual([]);
    await fares.getByRole('link', { name: 'Over training' }).click();
    await page.getByRole('region', { name: 'Over training' }).waitFor();
  });

  test('weights are recognised, named and opened', async () => {
    const { tensors } = readSafetensors(weights, 'it');
    const { writeSafetensors } = await import('../../engine/formats/safetensors.ts');
    // As another program would have written them: other names, no word of the task.
    const foreign = writeSafetensors(new Map([...tensors].map(([name, tensor]) => [`net.${name}`, tensor])));
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'net.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from(foreign) });
    await dialog().getByText('LSTM, 1 layer of 12, 54 symbols, embedding 6, 2 outputs').waitFor();
    await dialog().getByRole('cell', { name: 'net.recurrent.weight_hh_l0' }).waitFor();
    await dialog().getByRole('radio', { name: 'a label for the whole' }).check();
    await dialog().getByLabel('Its 2 outputs, in order').fill('no yes');
    expect(await findings(page)).toEqual([]);
    await button('Open as a run').click();
    await page.getByRole('heading', { name: 'net', level: 2 }).waitFor();
    await page.getByRole('link', { name: 'Export' }).click();
    await page.getByText('net, weights of update 0').waitFor();
    await page.getByRole('radio', { name: 'JavaScript, onnxruntime-web' }).check();
    await page.getByText('const labels = ["no","yes"];').waitFor();
    // There are no data to read: it begins with symbols of its own, and reads what is typed.
    await page.getByRole('link', { name: 'Gates', exact: true }).click();
    await page.getByRole('slider', { name: 'forget gate', exact: true }).waitFor();
    const typed = page.getByLabel('What the model reads');
    await expect.poll(async () => JSON.parse(await typed.inputValue()) as unknown).not.toHaveLength(0);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Gradients', exact: true }).click();
    await page.getByText('so there is no loss').waitFor();
    await page.getByRole('link', { name: 'Export' }).click();
    await page.getByRole('heading', { name: 'Export', level: 1 }).waitFor();
  });

  test('what cannot be imported is told in a sentence', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'letter.safetensors', mimeType: 'text/plain', buffer: Buffer.from('Dear all, nothing.') });
    await dialog().getByRole('alert').getByText('letter.safetensors is text, not a model').waitFor();
    await button('Cancel').click();
    expect(window.complaints).toEqual([]);
    expect(window.strayed).toEqual([]);
  });

  test.runIf(process.env['SCREENSHOTS'])('pictures', async () => {
    const folder = process.env['SCREENSHOTS'] ?? '';
    await page.goBack();
    for (const [dark, width, height] of [
      [false, 1280, 720],
      [true, 1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      await page.getByRole('link', { name: 'Runs', exact: true }).click();
      await page.screenshot({ path: join(folder, `runs-${width}.png`) });
      await page.getByRole('link', { name: 'Names' }).first().click();
      await page.getByRole('link', { name: 'Export' }).click();
      await page.getByText('ort.InferenceSession').waitFor();
      await page.screenshot({ path: join(folder, `export-${width}.png`) });
      await page.getByRole('link', { name: 'Runs', exact: true }).click();
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'net.safetensors', mimeType: 'application/octet-stream', buffer: weights });
      await dialog().getByText('What was recognised').waitFor();
      await page.screenshot({ path: join(folder, `import-${width}.png`) });
      await button('Cancel').click();
    }
  });
});
