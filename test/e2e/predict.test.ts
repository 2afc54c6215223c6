/** One input, three answers: the command line's, the exported page's and the exported ONNX file's. They are the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { readCheckpoint } from '../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../engine/json.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { temporaryFolder, unrolledHere } from '../electron/cli/unrolled.ts';
import { integers, openPair, translateGreedily } from '../engine/exports/onnx-translator.ts';
import { openBrowser } from './app.ts';

// Each test trains a model, and exports it twice.
vi.setConfig({ testTimeout: 300_000 });

const browserAddress = inject('browserAddress');

const NAMES = ['--task', 'names-gender', '--option', 'validationShare=0.02'];
const WHALE = ['--task', 'moby-dick', '--option', 'validationShare=0.01', '--steps', '24', '--batch', '8'];
const REVERSAL = ['--task', 'reversal', '--option', 'validationItems=20', '--option', 'longest=5'];
const BIRTHS = ['--task', 'births', '--option', 'horizon=3', '--option', 'difference=7'];
const REBER = ['--task', 'reber', '--option', 'trainingStrings=64', '--option', 'validationStrings=8'];
const STRESS = ['--task', 'stress', '--option', 'validationShare=0.02'];
const LSTM = ['--hidden', '8'];
const TRANSFORMER = ['--architecture', 'transformer', '--layers', '1'];
const WORDS = 'Call me Ishmael. ';

/** Days from the first on, with weekends. */
const series = (start: string, days: number) => ({
  start,
  values: Array.from({ length: days }, (_, day) => 9000 + 40 * day - (day % 7 > 4 ? 2500 : 0)),
});

interface Single {
  readonly target?: string;
  readonly label?: string;
  readonly probabilities?: Readonly<Record<string, number>>;
  readonly next?: readonly { readonly symbol: string; readonly probability: number }[];
  readonly symbols?: readonly { readonly symbol: string; readonly probability: number }[];
  readonly forecast?: readonly { readonly date: string; readonly value: number }[];
}

interface Tagged {
  readonly symbol: string;
  readonly tag: string;
  readonly probability: number;
}

type Answer = Single | readonly Tagged[];

const isTagged = (answer: Answer): answer is readonly Tagged[] => Array.isArray(answer);

/** Probabilities by what they are of, of tags and of a translation's symbols by their place too; forecasts by date. */
function numbersOf(answer: Answer): Map<string, number> {
  if (isTagged(answer)) {
    return new Map(answer.map(({ symbol, tag, probability }, t) => [`${t} ${symbol} ${tag}`, probability]));
  }
  const { probabilities, next, forecast, symbols = [] } = answer;
  if (forecast) return new Map(forecast.map(({ date, value }) => [date, value]));
  if (probabilities) return new Map(Object.entries(probabilities));
  if (next) return new Map(next.map(({ symbol, probability }) => [symbol, probability]));
  return new Map(symbols.map(({ symbol, probability }, t) => [`${t} ${symbol}`, probability]));
}

/** What the page shows of an answer, in its order. */
function shownOf(answer: Answer): readonly number[] {
  const all = [...numbersOf(answer).values()];
  if (isTagged(answer) || answer.symbols || answer.forecast) return all;
  return all.sort((a, b) => b - a).slice(0, 8);
}

/** Where the page has the numbers of an answer, and in which attribute. */
function placeOf(answer: Answer): readonly [selector: string, attribute: string] {
  if (isTagged(answer) || answer.target !== undefined) return ['li[data-probability]', 'data-probability'];
  return answer.forecast ? ['[data-value]', 'data-value'] : ['[data-probability]', 'data-probability'];
}

async function giveTo(page: Page, input: JsonValue): Promise<void> {
  if (typeof input === 'string') {
    await page.getByRole('textbox').fill(input);
    return;
  }
  const { start, values } = input as unknown as ReturnType<typeof series>;
  await page.getByLabel('Date of the first value').fill(start);
  await page.getByLabel('Values, the latest last').fill(values.join(' '));
}

/** Of the number itself, or of 1 where it is smaller. */
const differenceOf = (got: number, want: number): number => Math.abs(got - want) / Math.max(1, Math.abs(want));

async function onnxAnswer(file: Uint8Array, codec: TaskCodec, input: JsonValue): Promise<Answer> {
  const session = await ort.InferenceSession.create(file);
  const encoded = codec.encode(input);
  const feeds: Record<string, ort.Tensor> = {};
  for (const port of session.inputMetadata) {
    if (!port.isTensor) throw new TypeError(`${port.name} is no tensor.`);
    const dims = port.shape.map((size) => (typeof size === 'number' ? size : size === 'time' ? encoded.steps : 1));
    if (port.name === 'values') feeds['values'] = new ort.Tensor('float32', encoded.values!, dims);
    else if (port.name === 'tokens') feeds['tokens'] = integers([...encoded.tokens!], dims);
    else if (port.name === 'lengths') feeds['lengths'] = new ort.Tensor('int32', Int32Array.of(encoded.steps), [1]);
    else feeds[port.name] = new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
  }
  const { probabilities, outputs } = await session.run(feeds);
  await session.release();
  return codec.decode(encoded, (probabilities ?? outputs)!.data as Float32Array) as unknown as Answer;
}

describe.skipIf(browserAddress === null)('predict and what is exported', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(browserAddress!);
  });
  afterAll(() => browser.close());

  async function unrolled(folder: string, ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await unrolledHere(args, folder);
    expect(status, stderr).toBe(0);
    return stdout;
  }

  function expectSame(got: Answer, want: Answer): void {
    const [a, b] = [numbersOf(got), numbersOf(want)];
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const [name, number] of b) expect(differenceOf(a.get(name)!, number), name).toBeLessThan(1e-5);
    if (isTagged(got) || isTagged(want)) return;
    expect(got.label).toBe(want.label);
    expect(got.target).toBe(want.target);
  }

  test.each<[string, readonly string[], readonly JsonValue[]]>([
    ['an LSTM that classifies', [...NAMES, ...LSTM], ['Ada', 'Marguerite']],
    ['a transformer that classifies', [...NAMES, ...TRANSFORMER], ['Ada', 'Marguerite']],
    ['a GRU that goes on', [...WHALE, ...LSTM, '--cell', 'gru'], [WORDS, WORDS.repeat(9)]],
    ['a transformer that goes on', [...WHALE, ...TRANSFORMER], [WORDS, WORDS.repeat(9)]],
    ['an LSTM that forecasts', [...BIRTHS, ...LSTM], [series('1988-11-02', 35), series('1987-03-10', 60)]],
    ['an LSTM that tags by both ends', [...STRESS, ...LSTM, '--bidirectional'], ['HH AH L OW', 'B AH N AE N AH']],
    ['a transformer that tags', [...REBER, ...TRANSFORMER], ['BTBTXSET', 'BPBPVVEPE']],
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
      const output = outputs[i]!;
      await giveTo(page, input);
      const want = shownOf(output);
      const [selector, attribute] = placeOf(output);
      const got = () =>
        page
          .locator(selector)
          .evaluateAll((all, name) => all.map((element) => Number(element.getAttribute(name))), attribute);
      const difference = async () =>
        (await got()).slice(0, want.length).reduce((most, p, k) => Math.max(most, differenceOf(p, want[k]!)), 0);
      // The page shows the end, too.
      await expect.poll(async () => (await got()).length).toBeGreaterThanOrEqual(want.length);
      await expect.poll(difference).toBeLessThan(1e-5);
      if (isTagged(output)) {
        const tags = page.locator('.tags strong');
        await expect.poll(() => tags.allTextContents()).toEqual(output.map(({ tag }) => tag));
      } else if (output.target !== undefined) {
        await expect.poll(() => page.getByRole('status').textContent()).toBe(output.target);
      } else if (output.forecast) {
        const rows = page.getByRole('row').filter({ has: page.locator('[data-value]') });
        const dates = output.forecast.map(({ date }) => date);
        await expect.poll(() => rows.getByRole('rowheader').allTextContents()).toEqual(dates);
      }
    }
    await page.close();

    const { taskState, experiment } = readCheckpoint(readFileSync(join(folder, 'run/checkpoint.safetensors')), 'it');
    const codec = restoreCodec(taskState);
    const translates = codec.kind === 'translation';
    const out = translates ? 'onnx' : 'a.onnx';
    await unrolled(folder, 'export', 'run', '--format', 'onnx', '--out', out);
    for (const [i, input] of inputs.entries()) {
      const output = outputs[i]!;
      if (translates && !isTagged(output)) {
        const pair = await openPair((name) => readFileSync(join(folder, out, name)));
        const labels = await translateGreedily(pair, codec, codec.encode(input).tokens!, 100);
        expect(codec.target!.write(labels.filter((label) => label !== codec.boundaries!.end))).toBe(output.target);
      } else {
        // A transformer goes on from as much as it was trained with; a caller cuts to that.
        const windowed = experiment.model.architecture === 'transformer' && codec.kind === 'language';
        const fitted = windowed && typeof input === 'string' ? input.slice(-experiment.training.steps) : input;
        expectSame(await onnxAnswer(readFileSync(join(folder, out)), codec, fitted), output);
      }
    }
  });
});
