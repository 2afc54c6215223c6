/** The snippets run as they stand and give the engine's answers. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { exampleOf } from '../../../engine/exports/example.ts';
import type { ExportFormat } from '../../../engine/exports/formats.ts';
import { whyNot } from '../../../engine/exports/formats.ts';
import { onnxExport } from '../../../engine/exports/onnx/onnx.ts';
import { answerOf } from '../../../engine/exports/pytorch/answer.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { snippetsFor } from '../../../engine/exports/snippets.ts';
import { tfjsExport } from '../../../engine/exports/tfjs.ts';
import { recurrentOnly, type AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { longestTarget, Translator } from '../../../engine/models/translator.ts';
import { pythonWith } from '../../python.ts';
import {
  cardOf,
  KINDS,
  predictorOf,
  randomModel,
  randomTransformer,
  randomTranslator,
  TRANSFORMERS,
  TRANSLATORS,
} from './models.ts';

const [withTorch, withOnnx] = [pythonWith('torch'), pythonWith('onnxruntime')];
if (withTorch === undefined) console.warn('No Python here has torch: its snippets are not run');
if (withOnnx === undefined) console.warn('No Python here has onnxruntime: its snippets are not run');

/** Inside node_modules, so that packages are found. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL('../../../node_modules/.snippets-', import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a snippet should print: the five best labels, or all numbers. */
async function wanted(model: AnyTrainedModel): Promise<number[] | Record<string, number>> {
  const { encoded } = exampleOf(model);
  const outputs = (await predictorOf(model, encoded.steps)).run(encoded);
  const { output } = model.codec;
  if (output.kind === 'values') return Array.from(outputs);
  const last = outputs.subarray(outputs.length - output.labels.length);
  return Object.fromEntries(output.labels.map((label, i) => [label, last[i]!] as const));
}

interface Translation {
  readonly target: string;
  readonly symbols: readonly { readonly symbol: string; readonly probability: number }[];
}

function expectAgreement(printed: string, want: number[] | Record<string, number>): void {
  const got = JSON.parse(printed) as typeof want;
  if (Array.isArray(want)) {
    expect(got).toHaveLength(want.length);
    want.forEach((value, i) => expect((got as number[])[i]).toBeCloseTo(value, 4));
    return;
  }
  const best = Object.values(want)
    .sort((a, b) => b - a)
    .slice(0, 5);
  const entries = Object.entries(got as Record<string, number>);
  expect(entries).toHaveLength(best.length);
  entries.forEach(([label, value]) => expect(value).toBeCloseTo(want[label]!, 4));
  expect(entries.reduce((sum, [, value]) => sum + value, 0)).toBeCloseTo(
    best.reduce((a, b) => a + b, 0),
    4,
  );
}

/** A translator's snippet prints what `predict` does. */
async function expectTranslation(printed: string, model: AnyTrainedModel): Promise<void> {
  const { experiment, codec, weights } = model;
  const { encoded } = exampleOf(model);
  const translator = await Translator.load({
    core: await loadCore(coreFiles, { shared: false }),
    experiment,
    codec,
    weights,
    sourceSteps: encoded.steps,
    steps: longestTarget(experiment),
    beams: 1,
    sourceName: 'the test',
  });
  const { steps } = translator.write({ tokens: encoded.tokens! });
  const outputs = Float32Array.from(steps.flatMap(({ probabilities }) => Array.from(probabilities)));
  const want = codec.decode(encoded, outputs) as unknown as Translation;
  const got = JSON.parse(printed) as Translation;
  expect(got.target).toBe(want.target);
  expect(got.symbols).toHaveLength(want.symbols.length);
  got.symbols.forEach(({ symbol, probability }, t) => {
    expect(symbol).toBe(want.symbols[t]!.symbol);
    expect(probability).toBeCloseTo(want.symbols[t]!.probability, 4);
  });
}

async function writeFiles(model: AnyTrainedModel, format: ExportFormat, own: string): Promise<void> {
  mkdirSync(own);
  const card = cardOf(model);
  const files =
    format === 'onnx'
      ? onnxExport(model, card)
      : format === 'tfjs'
        ? tfjsExport(recurrentOnly(model), card)
        : pytorchExport(model, card, await answerOf(model, await loadCore(coreFiles, { shared: false })));
  for (const { name, bytes } of files) writeFileSync(join(own, name), bytes);
}

async function runAll(format: ExportFormat, title: string, command: (folders: readonly string[]) => string[]) {
  const models = [
    ...KINDS.map(([, family, choice]) => randomModel(family, choice)),
    ...TRANSFORMERS.map(([, family, choice]) => randomTransformer(family, choice)),
    // With such weights most of them write different symbols, and some come to an end.
    ...TRANSLATORS.map(([, choice]) => randomTranslator(choice, 6, 1.5)),
  ].filter((model) => whyNot(model, format) === undefined);
  const folders: string[] = [];
  for (const [i, model] of models.entries()) {
    const own = join(folder, `${title.replace(/[^a-z]/giu, '')}-${i}`);
    await writeFiles(model, format, own);
    const { code, language } = snippetsFor(model, format).find((snippet) => snippet.title === title)!;
    writeFileSync(join(own, language === 'python' ? 'snippet.py' : 'snippet.mjs'), code);
    folders.push(own);
  }
  const [program = '', ...args] = command(folders);
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const printed = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
  expect(printed).toHaveLength(models.length);
  for (const [i, model] of models.entries()) {
    if (model.codec.kind === 'translation') await expectTranslation(printed[i]!, model);
    else expectAgreement(printed[i]!, await wanted(model));
  }
}

const DRIVER = fileURLToPath(new URL('./snippet-driver.mjs', import.meta.url));
/** Runs snippet.py of every folder, in it. */
const PYTHON = `
import contextlib, io, json, os, runpy, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.modules.pop("model", None)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path("snippet.py")
    sys.path.remove(folder)
    print(json.dumps(printed.getvalue().strip()))
`;

// Python is started for each snippet, and loads PyTorch.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe('for every kind of model', () => {
  test.each([
    ['onnx', 'JavaScript, onnxruntime-web'],
    ['tfjs', 'JavaScript, TensorFlow.js'],
  ] as const)('%s: %s', async (format, title) => {
    await runAll(format, title, (folders) => [process.execPath, DRIVER, ...folders]);
  });

  test.runIf(withTorch)('safetensors: Python, PyTorch', async () => {
    await runAll('safetensors', 'Python, PyTorch', (folders) => [withTorch!, '-c', PYTHON, ...folders]);
  });

  test.runIf(withOnnx)('onnx: Python, onnxruntime', async () => {
    await runAll('onnx', 'Python, onnxruntime', (folders) => [withOnnx!, '-c', PYTHON, ...folders]);
  });
});
