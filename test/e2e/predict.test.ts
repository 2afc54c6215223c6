/** One input, three answers: the command line's, the exported page's and the exported ONNX file's. They are the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readCheckpoint } from '../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../engine/json.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { temporaryFolder, unrolledHere } from '../electron/cli/unrolled.ts';
import { integers, openPair, translateGreedily } from '../engine/exports/onnx-translator.ts';

const executablePath = inject('browser');

const NAMES = ['--task', 'names-gender', '--option', 'validationShare=0.02'];
const WHALE = ['--task', 'moby-dick', '--option', 'validationShare=0.01', '--steps', '24', '--batch', '8'];
const REVERSAL = ['--task', 'reversal', '--option', 'validationItems=20', '--option', 'longest=5'];
const LSTM = ['--hidden', '8'];
const TRANSFORMER = ['--architecture', 'transformer', '--layers', '1'];
const WORDS = 'Call me Ishmael. ';

interface Answer {
  readonly target?: string;
  readonly label?: string;
  readonly probabilities?: Readonly<Record<string, number>>;
  readonly next?: readonly { readonly symbol: string; readonly probability: number }[];
  readonly symbols?: readonly { readonly symbol: string; readonly probability: number }[];
}

/** The probabilities by what they are of; of a translation the symbols by their place. */
function probabilitiesOf({ probabilities, next, symbols = [] }: Answer): Map<string, number> {
  if (probabilities) return new Map(Object.entries(probabilities));
  if (next) return new Map(next.map(({ symbol, probability }) => [symbol, probability]));
  return new Map(symbols.map(({ symbol, probability }, t) => [`${t} ${symbol}`, probability]));
}

/** What the page shows of an answer, in its order. */
function shownOf(answer: Answer): readonly number[] {
  const all = [...probabilitiesOf(answer).values()];
  if (answer.symbols) return all;
  return all.sort((a, b) => b - a).slice(0, 8);
}

async function onnxAnswer(file: Uint8Array, codec: TaskCodec, input: JsonValue): Promise<Answer> {
  const session = await ort.InferenceSession.create(file);
  const encoded = codec.encode(input);
  const feeds: Record<string, ort.Tensor> = {};
  for (const port of session.inputMetadata) {
    if (!port.isTensor) throw new TypeError(`${port.name} is no tensor.`);
    const dims = port.shape.map((size) => (typeof size === 'number' ? size : size === 'time' ? encoded.steps : 1));
    if (port.name === 'tokens') feeds['tokens'] = integers([...encoded.tokens!], dims);
    else if (port.name === 'lengths') feeds['lengths'] = new ort.Tensor('int32', Int32Array.of(encoded.steps), [1]);
    else feeds[port.name] = new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
  }
  const { probabilities } = await session.run(feeds);
  await session.release();
  return codec.decode(encoded, probabilities!.data as Float32Array) as Answer;
}

describe.skipIf(executablePath === null)('predict and what is exported', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser.close());

  async function unrolled(folder: string, ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await unrolledHere(args, folder);
    expect(status, stderr).toBe(0);
    return stdout;
  }

  function expectSame(got: Answer, want: Answer): void {
    const [a, b] = [probabilitiesOf(got), probabilitiesOf(want)];
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const [name, probability] of b) expect(a.get(name), name).toBeCloseTo(probability, 5);
    expect(got.label).toBe(want.label);
    expect(got.target).toBe(want.target);
  }

  test.each([
    ['an LSTM that classifies', [...NAMES, ...LSTM], ['Ada', 'Marguerite']],
    ['a transformer that classifies', [...NAMES, ...TRANSFORMER], ['Ada', 'Marguerite']],
    ['a GRU that goes on', [...WHALE, ...LSTM, '--cell', 'gru'], [WORDS, WORDS.repeat(9)]],
    ['a transformer that goes on', [...WHALE, ...TRANSFORMER], [WORDS, WORDS.repeat(9)]],
    ['an encoder-decoder', [...REVERSAL, ...LSTM, '--architecture', 'encoder-decoder'], ['abc', 'jihgfedcba']],
    ['a transformer that translates', [...REVERSAL, ...TRANSFORMER], ['abc', 'jihgf']],
  ])('%s', async (_name, flags, inputs) => {
    const folder = temporaryFolder();
    await unrolled(folder, 'train', ...flags, '--updates', '6', '--threads', '1', '--out', 'run');
    writeFileSync(join(folder, 'X.json'), JSON.stringify({ inputs }));
    const told = await unrolled(folder, 'predict', 'run', '--input', 'X.json');
    const { outputs } = JSON.parse(told) as { readonly outputs: readonly Answer[] };
    expect(outputs).toHaveLength(inputs.length);

    await unrolled(folder, 'export', 'run', '--format', 'html', '--out', 'a.html');
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'a.html')).href);
    for (const [i, input] of inputs.entries()) {
      await page.getByRole('textbox').fill(input);
      const want = shownOf(outputs[i]!);
      const translation = outputs[i]!.target !== undefined;
      const shown = page.locator(translation ? 'li[data-probability]' : '[data-probability]');
      const got = () =>
        shown.evaluateAll((all) => all.map((element) => Number(element.getAttribute('data-probability'))));
      const difference = async () =>
        (await got()).slice(0, want.length).reduce((most, p, k) => Math.max(most, Math.abs(p - want[k]!)), 0);
      // The page shows the end, too.
      await expect.poll(async () => (await got()).length).toBeGreaterThanOrEqual(want.length);
      await expect.poll(difference).toBeLessThan(1e-5);
      if (translation) expect(await page.getByRole('status').textContent()).toBe(outputs[i]!.target);
    }
    await page.close();

    const { taskState, experiment } = readCheckpoint(readFileSync(join(folder, 'run/checkpoint.safetensors')), 'it');
    const codec = restoreCodec(taskState);
    const translates = codec.kind === 'translation';
    const out = translates ? 'onnx' : 'a.onnx';
    await unrolled(folder, 'export', 'run', '--format', 'onnx', '--out', out);
    for (const [i, input] of inputs.entries()) {
      if (translates) {
        const pair = await openPair((name) => readFileSync(join(folder, out, name)));
        const labels = await translateGreedily(pair, codec, codec.encode(input).tokens!, 100);
        expect(codec.target!.write(labels.filter((label) => label !== codec.boundaries!.end))).toBe(outputs[i]!.target);
      } else {
        // A transformer goes on from as much as it was trained with; a caller cuts to that.
        const windowed = experiment.model.architecture === 'transformer' && codec.kind === 'language';
        const fitted = windowed ? input.slice(-experiment.training.steps) : input;
        expectSame(await onnxAnswer(readFileSync(join(folder, out)), codec, fitted), outputs[i]!);
      }
    }
  });
});
