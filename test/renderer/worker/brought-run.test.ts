// @vitest-environment node
/** A run that was brought in a bundle shows what it showed where it was trained: every view's numbers, to the last bit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ExportProgress, ModelImport } from '../../../electron/api/exports.ts';
import type { CheckpointInfo, RunInfo } from '../../../electron/api/runs.ts';
import { arrivals, termsOf } from '../../../engine/gradients/terms.ts';
import { forward, PARAMETERS } from '../../../engine/gradients/unrolled-network.ts';
import type { Example } from '../../../engine/tasks/examples.ts';
import { handlers } from '../../../renderer/worker/handlers.ts';
import type { ModelKey } from '../../../renderer/worker/model-key.ts';
import type { Source } from '../../../renderer/worker/source.ts';
import { unrolledHere } from '../../electron/cli/unrolled.ts';
import { startServices } from '../../electron/open-services.ts';

// A page is handed the core by its host.
vi.mock('../../../renderer/worker/core-files.ts', () => import('../../../electron/core/core-files.ts'));

const TRAINING = { updates: 60, batchSize: 8, evaluateEvery: 20, checkpointEvery: 20 };
const common = { format: 'unrolled-experiment', version: 1, seed: 5, training: TRAINING };
const NAMES = {
  ...common,
  task: { id: 'names-gender', validationShare: 0.02 },
  model: { cell: 'lstm', hiddenSize: 6, embeddingSize: 4, layers: 2 },
};
const REVERSAL = { ...common, task: { id: 'reversal', validationItems: 16, longest: 5 } };
const ATTENTIVE = {
  ...REVERSAL,
  model: { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 6, embeddingSize: 4, attention: 'additive' },
};
const TRANSFORMER = {
  ...REVERSAL,
  model: { architecture: 'transformer', modelSize: 8, heads: 2, layers: 1, feedForwardSize: 16 },
};

type Services = Awaited<ReturnType<typeof startServices>>;

interface Lab extends Services {
  readonly path: string;
}

let folder: string;
/** Where the runs were trained, and the empty workspace that they were brought to. */
let labs: readonly [Lab, Lab];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unrolled-brought-'));
  const open = async (name: string): Promise<Lab> => {
    const path = join(folder, name);
    return { path, ...(await startServices(path)) };
  };
  labs = [await open('here'), await open('there')];
  await labs[0].ask('settings.set', { threads: 1, parallelRuns: 1 });
});
afterAll(async () => {
  for (const { close } of labs) await close();
  rmSync(folder, { recursive: true });
});

/** Trains a run here and brings it there in a bundle: its ids. */
async function trainAndBring(experiment: object): Promise<readonly [string, string]> {
  const [here, there] = labs;
  const { id } = (await here.ask('runs.create', { experiment })) as RunInfo;
  await here.reach(id, 'finished');
  const path = join(folder, `${id}.unrolled`);
  const { export: name } = (await here.ask('exports.begin', { run: id, update: 60, format: 'bundle', path })) as {
    export: string;
  };
  const over = ({ export: of, state }: ExportProgress) => of === name && state !== 'working';
  expect(await here.hear('exports.progress', over)).toMatchObject({ state: 'done' });
  const begun = (await there.ask('models.importFile', { path })) as { import: string };
  const found = (await there.ask('models.importPreview', begun)) as ModelImport;
  const back = (await there.ask('models.importSave', { ...begun, name: found.name })) as RunInfo;
  rmSync(path);
  return [id, back.id];
}

/** Opens the checkpoint as the page does: from the bytes that the host gives it. */
async function openIn({ ask }: Lab, run: string, update: number): Promise<ModelKey> {
  const { bytes } = (await ask('checkpoints.read', { run, update })) as { bytes: Uint8Array };
  return handlers.open({ key: { run, update }, bytes }).key;
}

async function heldOut({ ask }: Lab, experiment: { readonly seed: number; readonly task: object }): Promise<Source> {
  const { seed, task } = experiment;
  const what = { task, seed, part: 'validation', from: 0, count: 1, steps: 8 };
  const { items } = (await ask('tasks.examples', what)) as { items: readonly Example[] };
  return { id: 'held out', kind: 'example', example: items[0]! };
}

const typed = (text: string): Source => ({ id: text, kind: 'typed', json: JSON.stringify(text) });

/** The same of the run in both labs: `[here, there]`. */
async function inBoth<T>(runs: readonly [string, string], told: (lab: Lab, run: string) => Promise<T>) {
  return [await told(labs[0], runs[0]), await told(labs[1], runs[1])] as const;
}

/** What the lab keeps of a run, its own names for it aside. */
async function kept({ ask }: Lab, run: string) {
  const { id: _, created: __, ...info } = (await ask('runs.get', { id: run })) as RunInfo;
  const checkpoints = (await ask('checkpoints.list', { run })) as CheckpointInfo[];
  return {
    info,
    history: await ask('runs.history', { id: run, points: 1000 }),
    samples: await ask('runs.samples', { id: run }),
    health: await ask('runs.health', { id: run }),
    checkpoints: checkpoints.map(({ run: ___, ...one }) => one),
  };
}

/** What the command line answers of the run's folder, or of one checkpoint's file in it. */
async function printed({ path }: Lab, run: string, command: string, ...flags: string[]): Promise<unknown> {
  const source = command === 'gradients' ? '.' : 'checkpoints/0000000060.safetensors';
  const args = [command, join('runs', run, source), ...flags, '--json'];
  const { status, stdout, stderr } = await unrolledHere(args, path);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout.replaceAll(run, 'RUN'));
}

describe('a recurrent run that was brought in a bundle', () => {
  let runs: readonly [string, string];
  beforeAll(async () => {
    runs = await trainAndBring(NAMES);
  });

  test('has the same history, health, samples and checkpoints', async () => {
    const [here, there] = await inBoth(runs, kept);
    expect(there).toEqual(here);
    expect(here.health).not.toEqual([]);
    expect(here.checkpoints.length).toBeGreaterThanOrEqual(4);
  });

  test('predicts the same, and the same is printed of its gates and gradients', async () => {
    for (const [command, ...flags] of [
      ['predict', '--input', '"Emmy"'],
      ['trace', '--input', '"Emmy"', '--gradients'],
      ['gradients', '--item', '2'],
    ] as const) {
      const [here, there] = await inBoth(runs, (lab, run) => printed(lab, run, command, ...flags));
      expect(there, command).toEqual(here);
    }
  });

  test.each([20, 60])('shows the same in the gates and the gradients views at update %i', async (update) => {
    const [here, there] = await inBoth(runs, async (lab, run) => {
      const key = await openIn(lab, run, update);
      const views = [];
      for (const source of [await heldOut(lab, NAMES), typed('Emmy')]) {
        const part = { key, source, layer: 1, reverse: false, edited: '' };
        const unrolled = await handlers.unroll({ key, source, from: 0, count: 4 });
        const steps = forward(unrolled.network);
        const reached = arrivals(unrolled.network, steps);
        views.push({
          gates: (await handlers.examine({ ...part, held: '', known: false })).value,
          held: (await handlers.examine({ ...part, held: 'forget=1@1-3', known: false })).value,
          quantity: await handlers.quantity({ ...part, held: '', quantity: 'forget@2:3' }),
          flow: await handlers.flow({ key, source }),
          course: await handlers.course({ key, source }),
          unrolled,
          terms: PARAMETERS.map((name) => termsOf(unrolled.network, steps, reached, name)),
          backward: await handlers.backwardPass(unrolled.network),
        });
      }
      return views;
    });
    expect(there).toEqual(here);
    expect(here[0]!.gates.original?.recording.traces).toHaveProperty('forget');
    expect(here[0]!.flow.flow.maps.length).toBeGreaterThan(0);
  });

  test('hands its numbers over, and still has those that are asked for one by one', async () => {
    const key = await openIn(labs[0], runs[0], 60);
    const part = { key, source: typed('Emmy'), layer: 1, reverse: false, edited: '' };
    const before = await handlers.quantity({ ...part, held: 'forget=1@1-3', quantity: 'cell@2:3' });
    const told = await handlers.examine({ ...part, held: 'forget=1@1-3', known: false });
    expect(told.buffers).toHaveLength(2);
    structuredClone(told.value, { transfer: [...told.buffers] });
    expect(told.value.changed!.traces['cell']).toHaveLength(0);
    expect(await handlers.quantity({ ...part, held: 'forget=1@1-3', quantity: 'cell@2:3' })).toEqual(before);
    const again = await handlers.examine({ ...part, held: 'forget=1@1-3', known: false });
    expect(again.value.changed!.traces['cell']!.length).toBeGreaterThan(0);
  });

  test('shows another thing at another update', async () => {
    const gates = async (update: number) =>
      handlers.examine({
        key: await openIn(labs[1], runs[1], update),
        ...{ source: typed('Emmy'), layer: 1, reverse: false, held: '', edited: '', known: false },
      });
    expect((await gates(20)).value.original?.recording).not.toEqual((await gates(60)).value.original?.recording);
  });
});

describe.each([
  ['an encoder-decoder with attention', ATTENTIVE, 'h0.score@0:0'],
  ['a transformer', TRANSFORMER, 'h1.score@0:0'],
] as const)('%s that was brought in a bundle', (_, experiment, quantity) => {
  let runs: readonly [string, string];
  beforeAll(async () => {
    runs = await trainAndBring(experiment);
  });

  test('has the same history, health, samples and checkpoints', async () => {
    const [here, there] = await inBoth(runs, kept);
    expect(there).toEqual(here);
    expect(here.health).not.toEqual([]);
  });

  test('translates the same', async () => {
    const [here, there] = await inBoth(runs, (lab, run) =>
      printed(lab, run, 'translate', '--source', 'abcd', '--beam', '3'),
    );
    expect(there).toEqual(here);
  });

  test.each([20, 60])('shows the same in the attention view at update %i', async (update) => {
    const [here, there] = await inBoth(runs, async (lab, run) => {
      const key = await openIn(lab, run, update);
      const views = [];
      for (const source of [await heldOut(lab, experiment), typed('abcd')]) {
        const args = { key, source, changed: '' };
        const first = await handlers.attention({ ...args, name: '' });
        const opened = [];
        for (const { name } of first.attentions) {
          opened.push(
            await handlers.attention({ ...args, name }),
            await handlers.attentionQuantity({ ...args, name, quantity }),
          );
        }
        views.push({ opened, written: await handlers.translate(args), beam: await handlers.search(args) });
      }
      return views;
    });
    expect(there).toEqual(here);
    expect(here[0]!.opened.length).toBeGreaterThan(0);
    expect(here[0]!.written.original.maps.length).toBeGreaterThan(0);
  });
});
