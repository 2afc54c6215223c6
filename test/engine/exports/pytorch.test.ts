/** What is exported for PyTorch: the bits in the file, and PyTorch itself where there is a Python that has it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { readMatrix, rowsOf } from '../../../engine/core/arena.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { permuteBlocks } from '../../../engine/exports/gates.ts';
import { answerOf } from '../../../engine/exports/pytorch/answer.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { weightOf, type AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { readSafetensors } from '../../../engine/formats/safetensors.ts';
import { Translator } from '../../../engine/models/translator.ts';
import { Numbers } from '../../reference/numbers.ts';
import { pythonWith } from '../../python.ts';
import {
  cardOf,
  KINDS,
  predictorOf,
  randomItems,
  randomModel,
  randomTransformer,
  randomTranslator,
  relativeError,
  TRANSFORMERS,
  TRANSLATORS,
} from './models.ts';

/** Steps of inputs and sources, and of targets. */
const S = 9;
const T = 7;
const B = 4;
const TOLERANCE = 1e-5;

const python = pythonWith('torch');
if (python === undefined) {
  console.warn('No Python here has torch: the generated Python files are written, but not run');
}

const MODELS: readonly (readonly [string, () => AnyTrainedModel])[] = [
  ...KINDS.map(([name, family, choice]) => [name, () => randomModel(family, choice)] as const),
  ...TRANSFORMERS.map(
    ([name, family, choice]) => [`transformer: ${name}`, () => randomTransformer(family, choice)] as const,
  ),
  ...TRANSLATORS.map(([name, choice]) => [`translator: ${name}`, () => randomTranslator(choice)] as const),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unrolled-pytorch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function filesOf(model: AnyTrainedModel) {
  return pytorchExport(model, cardOf(model), await answerOf(model, await loadCore(coreFiles, { shared: false })));
}

describe('the safetensors file holds every tensor, bit for bit', () => {
  test.each(MODELS)('%s', async (_name, make) => {
    const model = make();
    const [file] = await filesOf(model);
    const { tensors, metadata } = readSafetensors(file!.bytes, 'the file');
    expect(new Map([...tensors].sort())).toEqual(new Map([...model.weights].sort()));
    expect(metadata['format']).toBe('pt');
    expect(JSON.parse(metadata['taskState']!)).toEqual(model.taskState);
    expect(metadata['card']).toContain('Public domain');
  });
});

/**
 * Of every folder: runs the main of its model.py, and the model on the batch in batch.json; prints a line of JSON: main's
 * status and what it printed, the batch's outputs, and what a translator writes for each source.
 */
const DRIVER = `
import contextlib, importlib.util, inspect, io, json, sys
import torch
for folder in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("model", folder + "/model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = module.main()
    model, _ = module.load()
    batch = json.load(open(folder + "/batch.json"))
    taken = inspect.signature(model.forward).parameters
    with torch.no_grad():
        y = model(**{name: torch.tensor(value) for name, value in batch["inputs"].items() if name in taken})
    y = y[0] if isinstance(y, tuple) else y
    translated = [model.translate(torch.tensor(source), batch["most"]) for source in batch["sources"]]
    written = [[symbol for symbol, _ in pairs] for pairs in translated]
    print(json.dumps({"status": status, "printed": printed.getvalue(), "outputs": y.tolist(), "written": written}))
`;

// PyTorch is loaded, and runs every model.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

interface PythonResult {
  readonly status: number;
  readonly printed: string;
  /** [T, B, N], or [B, N]. */
  readonly outputs: readonly (readonly (number | readonly number[])[])[];
  readonly written: readonly (readonly number[])[];
}

/** A batch of ragged inputs, as the Python model takes it, with the engine's own answers, item by item. */
interface Batch {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly sources: readonly (readonly number[])[];
  readonly most: number;
  /** Logits of labels, or numbers: of each item's own steps. */
  readonly outputs: readonly Float32Array[];
  readonly written: readonly (readonly number[])[];
}

/** [items][steps] to [steps][items], with `padding` behind the ends. */
function stepsFirst<V>(items: readonly (readonly V[])[], padding: V): readonly (readonly V[])[] {
  const steps = Math.max(...items.map((item) => item.length));
  return Array.from({ length: steps }, (_, t) => items.map((item) => item[t] ?? padding));
}

async function batchOf(model: AnyTrainedModel): Promise<Batch> {
  return model.codec.kind === 'translation' ? pairsOf(model) : itemsOf(model);
}

async function itemsOf(model: AnyTrainedModel): Promise<Batch> {
  const { input, output } = model.spec;
  const predictor = await predictorOf(model, S);
  const items = randomItems(model, B, S, true);
  const outputs = items.map((item) => {
    const answer = predictor.run(item);
    if (output.kind === 'values') return answer;
    const { core, layout } = predictor.team;
    const logits = layout.placed[0]!.plan.traces.find(({ name }) => name === 'logits')!.matrix;
    const own = new Float32Array(answer.length);
    readMatrix(core.f32, rowsOf(logits, 0, answer.length / output.count), own);
    return own;
  });
  const rows = ({ values = [] }: { readonly values?: ArrayLike<number> | undefined }, width: number) =>
    Array.from({ length: values.length / width }, (_, t) => Array.from(values).slice(t * width, (t + 1) * width));
  return {
    inputs: {
      ...(input.kind === 'tokens'
        ? {
            tokens: stepsFirst(
              items.map(({ tokens = [] }) => Array.from(tokens)),
              0,
            ),
          }
        : {
            values: stepsFirst(
              items.map((item) => rows(item, input.width)),
              Array.from({ length: input.width }, () => 0),
            ),
          }),
      lengths: items.map(({ steps }) => steps),
      ...(model.spec.conditions > 0 ? { label: items.map(({ condition = 0 }) => condition) } : {}),
    },
    sources: [],
    most: 0,
    outputs,
    written: [],
  };
}

async function pairsOf({ experiment, codec, weights, spec }: AnyTrainedModel): Promise<Batch> {
  const core = await loadCore(coreFiles, { shared: false });
  const common = { core, experiment, codec, weights, sourceName: 'the test' };
  const translator = await Translator.load({ ...common, sourceSteps: S, steps: T, beams: 1 });
  const numbers = new Numbers(5);
  const below = (n: number) => Math.min(n - 1, Math.floor(((numbers.next() + 1) / 2) * n));
  const { input, output } = spec;
  if (input.kind !== 'tokens' || output.kind !== 'labels') throw new TypeError('It reads and writes symbols.');
  const sources = [3, S, 1, 6].map((length) => Array.from({ length }, () => below(input.symbols)));
  const targets = sources.map(() => Array.from({ length: T }, () => below(output.count)));
  const tokensOf = (source: readonly number[]) => ({ tokens: Int32Array.from(source) });
  return {
    inputs: {
      source: stepsFirst(sources, 0),
      target: stepsFirst(targets, 0),
      source_lengths: sources.map(({ length }) => length),
    },
    sources,
    most: T,
    outputs: sources.map((source, b) => translator.logits(tokensOf(source), targets[b]!)),
    written: sources.map((source) => translator.write(tokensOf(source)).symbols),
  };
}

/** Runs exported models in one process, each on the batch of a model that may be another. */
async function runAll(
  pairs: readonly { readonly exported: AnyTrainedModel; readonly batch: Batch }[],
  name: string,
): Promise<readonly PythonResult[]> {
  const folders: string[] = [];
  for (const [i, { exported, batch }] of pairs.entries()) {
    const own = join(folder, `${name}-${i}`);
    mkdirSync(own);
    for (const file of await filesOf(exported)) writeFileSync(join(own, file.name), file.bytes);
    const { inputs, sources, most } = batch;
    writeFileSync(join(own, 'batch.json'), JSON.stringify({ inputs, sources, most }));
    folders.push(own);
  }
  const { status, stdout, stderr } = spawnSync(python!, ['-W', 'error', '-c', DRIVER, ...folders], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PythonResult);
}

/** The largest difference of an item's own steps, relative to its largest number. */
function disagreement(perSequence: boolean, { outputs }: PythonResult, want: readonly Float32Array[]): number {
  const errors = want.map((own, b) => {
    const rows = perSequence ? [outputs[b]!] : outputs.map((row) => row[b]!);
    const got = rows.flat().flat();
    return relativeError(got.slice(0, own.length), own);
  });
  return Math.max(...errors);
}

describe.runIf(python)('PyTorch', () => {
  const results = new Map<string, { readonly result: PythonResult; readonly batch: Batch; readonly whole: boolean }>();
  beforeAll(async () => {
    const models = await Promise.all(
      MODELS.map(async ([name, make]) => {
        const exported = make();
        return { name, exported, batch: await batchOf(exported) };
      }),
    );
    const ran = await runAll(models, 'kind');
    models.forEach(({ name, exported, batch }, i) => {
      results.set(name, { result: ran[i]!, batch, whole: exported.spec.output.per === 'sequence' });
    });
  }, 120_000);

  test.each(MODELS)('gives the stored prediction and the engine’s answers for ragged inputs: %s', (name) => {
    const { result, batch, whole } = results.get(name)!;
    expect(result.printed).toMatch(/^[0-9.]+e[+-][0-9]+ is the largest/u);
    expect(result.status).toBe(0);
    expect(disagreement(whole, result, batch.outputs)).toBeLessThan(TOLERANCE);
    expect(result.written).toEqual(batch.written);
  });

  test('and no other: weights in another order are seen', async () => {
    const wrong = [
      ['gates', randomModel('tagging'), 'recurrent.weight_ih_l0', [0, 2, 1, 3]],
      ['gates of a decoder', randomTranslator({ cell: 'gru' }), 'decoder.weight_hh_l0', [1, 0, 2]],
      ['directions', randomTranslator({ bidirectional: true }), 'bridge.c_l0.weight', [1, 0]],
      ['attention', randomTranslator({ attention: 'additive', attentionSize: 6 }), 'attention.w_key', [1, 0]],
      ['queries and keys', randomTransformer('tagging'), 'encoder.layers.0.self_attn.in_proj_weight', [0, 2, 1]],
      [
        'keys and values',
        randomTranslator({ architecture: 'transformer' }),
        'decoder.layers.0.multihead_attn.in_proj_weight',
        [0, 2, 1],
      ],
    ] as const;
    const pairs = await Promise.all(
      wrong.map(async ([, model, name, order]) => {
        const data = weightOf(model, name);
        const permuted = permuteBlocks(data, data.length / order.length, order);
        const weights = new Map(model.weights).set(name, { ...model.weights.get(name)!, data: permuted });
        return { exported: { ...model, weights }, batch: await batchOf(model) };
      }),
    );
    const ran = await runAll(pairs, 'wrong');
    for (const [i, [what]] of wrong.entries()) {
      expect([what, disagreement(false, ran[i]!, pairs[i]!.batch.outputs) > 0.001]).toEqual([what, true]);
    }
  });

  test.each([
    ['another number', (example: Example) => (example.outputs![0]! += 0.1), () => randomModel('tagging')],
    ['another logit', (example: Example) => (example.logits![0]! += 0.1), () => randomTranslator({})],
    ['another decoding', (example: Example) => example.written!.push(3), () => randomTranslator({})],
  ])('and says so where %s is stored', async (name, change, make) => {
    const own = join(folder, name);
    mkdirSync(own);
    for (const file of await filesOf(make())) writeFileSync(join(own, file.name), file.bytes);
    const run = () => spawnSync(python!, [join(own, 'model.py')], { encoding: 'utf8' }).status;
    expect(run()).toBe(0);
    const stored = join(own, 'example.json');
    const example = JSON.parse(readFileSync(stored, 'utf8')) as Example;
    change(example);
    writeFileSync(stored, JSON.stringify(example));
    expect(run()).toBe(1);
  });
});

interface Example {
  readonly outputs?: number[];
  readonly logits?: number[];
  readonly written?: number[];
}
