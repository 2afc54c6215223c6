/** Models of fifty megabytes go out without holding the host up, whole or not at all. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ExportProgress, ModelImport } from '../../../electron/api/exports.ts';
import type { RunInfo } from '../../../electron/api/runs.ts';
import type { AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { writeCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { randomModel, randomTransformer } from '../../engine/exports/models.ts';
import { startServices } from '../open-services.ts';

// Models of fifty megabytes are made, written and read.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const MEGABYTE = 1e6;
const SIZE = 50 * MEGABYTE;

const MODELS = {
  'an LSTM': () => randomModel('classification', { cell: 'lstm', hiddenSize: 1800 }, 1, 0.05),
  'a transformer': () =>
    randomTransformer(
      'classification',
      { modelSize: 512, heads: 8, layers: 4, feedForwardSize: 2048, positions: 'sinusoidal' },
      1,
      0.05,
    ),
} as const;
type ModelName = keyof typeof MODELS;

let folder: string;
let services: Awaited<ReturnType<typeof startServices>>;
const runs = new Map<ModelName, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unrolled-large-'));
  services = await startServices(join(folder, 'workspace'));
  for (const [name, model] of Object.entries(MODELS) as [ModelName, () => AnyTrainedModel][]) {
    runs.set(name, await keep(name, model()));
  }
});
afterAll(async () => {
  await services.close();
  rmSync(folder, { recursive: true });
});

/** The model as a run of the workspace: its id. */
async function keep(name: string, { experiment, taskState, weights }: AnyTrainedModel): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  const progress = {
    update: 10,
    position: { epoch: 0, batch: 0 },
    earlyStopping: { best: null, reference: null, waited: 0 },
    divergence: { firstLoss: null, exploded: 0 },
  };
  const rest = { build: { core: 'relaxed', threads: 1 }, optimizer: new Map(), state: new Map() };
  writeFileSync(path, writeCheckpoint({ experiment, taskState, progress, model: weights, ...rest }));
  const begun = (await services.ask('models.importFile', { path })) as { import: string };
  const found = (await services.ask('models.importPreview', begun)) as ModelImport;
  const { id } = (await services.ask('models.importSave', { ...begun, name: found.name })) as RunInfo;
  rmSync(path);
  return id;
}

interface Exporting {
  readonly id: string;
  /** What was told of it, up to now. */
  readonly told: () => readonly ExportProgress[];
  /** The first word of it that is right. */
  readonly hear: (isRight: (told: ExportProgress) => boolean) => Promise<ExportProgress>;
}

async function begin(name: ModelName, format: string, path?: string): Promise<Exporting> {
  const what = { run: runs.get(name), update: 10, format, ...(path === undefined ? {} : { path }) };
  const { export: id } = (await services.ask('exports.begin', what)) as { export: string };
  const own = (told: ExportProgress) => told.export === id;
  return {
    id,
    told: () => services.heard.map(([, value]) => value as ExportProgress).filter(own),
    hear: (isRight) => services.hear<ExportProgress>('exports.progress', (told) => own(told) && isRight(told)),
  };
}

const isOver = ({ state }: ExportProgress): boolean => state !== 'working';
const isWriting = ({ state, fraction }: ExportProgress): boolean => state === 'working' && fraction > 0.6;
/** Everything beside the workspace, names that begin with a full stop too. */
const beside = (): readonly string[] => readdirSync(folder).filter((name) => name !== 'workspace');

describe.each([
  ['an LSTM', 'onnx'],
  ['an LSTM', 'safetensors'],
  ['an LSTM', 'tfjs'],
  ['an LSTM', 'html'],
  ['an LSTM', 'bundle'],
  ['a transformer', 'onnx'],
  ['a transformer', 'html'],
  ['a transformer', 'bundle'],
] as const)('%s of 50 MB as %s', (name, format) => {
  test('is written while the host answers, and tells how far it is', async () => {
    const path = join(folder, 'model.zip');
    const { told, hear } = await begin(name, format, path);
    const over = hear(isOver);
    // How many other calls have been answered when each word of its progress is heard.
    const answeredBefore: number[] = [];
    for (let answered = 0; !told().some(isOver); answered++) {
      await services.ask('runs.list', {});
      await turn();
      while (answeredBefore.length < told().length) answeredBefore.push(answered);
    }
    const { state, bytes } = await over;
    expect(state).toBe('done');
    expect(bytes).toBeGreaterThan(SIZE);
    expect(statSync(path).size).toBe(bytes);
    const fractions = told().map(({ fraction }) => fraction);
    expect(fractions.length).toBeGreaterThan(20);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    // Were the host held up, all words would be heard at once.
    expect(new Set(answeredBefore).size).toBeGreaterThan(3);
    expect(beside()).toEqual(['model.zip']);
    rmSync(path);
  });
});

describe.each(['an LSTM', 'a transformer'] as const)('the export of %s of 50 MB', (name) => {
  test.each([
    ['making', ({ state }: ExportProgress) => state === 'working'],
    ['writing', isWriting],
  ])('that is cancelled while %s leaves what was there as it was', async (stage, isTime) => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, 'an older one');
    const { id, hear, told } = await begin(name, 'onnx', path);
    await hear(isTime);
    if (stage === 'writing') expect(beside()).toHaveLength(2);
    await services.ask('exports.cancel', { export: id });
    expect(told().at(-1)?.state).toBe('cancelled');
    expect(beside()).toEqual(['model.onnx']);
    expect(readFileSync(path, 'latin1')).toBe('an older one');
    rmSync(path);
  });

  test('that fails at its end leaves nothing', async () => {
    const path = join(folder, 'late', 'model.onnx');
    mkdirSync(join(folder, 'late'));
    const { hear } = await begin(name, 'onnx', path);
    await hear(isWriting);
    // A folder comes to stand where the file is to be.
    mkdirSync(join(path, 'taken'), { recursive: true });
    expect(await hear(isOver)).toMatchObject({ state: 'failed', failure: { code: 'invalid-input' } });
    expect(readdirSync(join(folder, 'late'))).toEqual(['model.onnx']);
    rmSync(join(folder, 'late'), { recursive: true });
  });

  test('that the page reads itself is kept whole until it has been', async () => {
    const { id, hear } = await begin(name, 'onnx');
    const { bytes } = await hear(isOver);
    let read = 0;
    for (;;) {
      const piece = (await services.ask('exports.read', { export: id, offset: read })) as { bytes: Uint8Array };
      if (piece.bytes.length === 0) break;
      read += piece.bytes.length;
    }
    expect(read).toBe(bytes);
    const kept = join(folder, 'workspace', '.exports');
    expect(readdirSync(kept)).toHaveLength(1);
    await services.ask('exports.finish', { export: id });
    expect(readdirSync(kept)).toEqual([]);
  });
});
