/** Exports and imports over the contract: what goes out of one workspace comes into another. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportPreview, ExportProgress, ModelImport } from '../../../electron/api/exports.ts';
import type { CheckpointInfo, RunInfo } from '../../../electron/api/runs.ts';
import { jobOfPath } from '../../../electron/exports/of-path.ts';
import { EXPORT_FORMATS } from '../../../engine/exports/formats.ts';
import { readCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { temporaryFolder } from '../folder.ts';
import { openServices, startServices, type OpenServices } from '../open-services.ts';
import { smallExperiment } from '../runs/open-runs.ts';

/** A workspace with a finished run, made once. */
let template: string;
let finished: RunInfo;

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'unrolled-exports-'));
  const { ask, reach, close } = await startServices(join(template, 'workspace'));
  await ask('settings.set', { threads: 1, parallelRuns: 1 });
  const { id } = (await ask('runs.create', { experiment: smallExperiment() })) as RunInfo;
  await ask('runs.annotate', { id, note: 'Look at update 25.' });
  await ask('runs.rename', { id, name: 'Small one' });
  finished = await reach(id, 'finished');
  await close();
});
afterAll(() => rmSync(template, { recursive: true }));

/** Services on a copy of it, at `path`. */
async function withFinishedRun(path = join(temporaryFolder(), 'workspace')): Promise<OpenServices> {
  cpSync(join(template, 'workspace'), path, { recursive: true, preserveTimestamps: true });
  return openServices(path);
}

async function exportTo(services: OpenServices, what: object): Promise<ExportProgress> {
  const { export: id } = (await services.ask('exports.begin', what)) as { export: string };
  return services.hear<ExportProgress>('exports.progress', (told) => told.export === id && told.state !== 'working');
}

/** The bytes of a kept file, piece by piece as the face reads them. */
async function download(services: OpenServices, what: object): Promise<Uint8Array> {
  const { export: id, state, bytes: size } = await exportTo(services, what);
  expect(state).toBe('done');
  const whole = new Uint8Array(size);
  let offset = 0;
  for (;;) {
    const { bytes } = (await services.ask('exports.read', { export: id, offset })) as { bytes: Uint8Array };
    if (bytes.length === 0) break;
    whole.set(bytes, offset);
    offset += bytes.length;
  }
  expect(offset).toBe(size);
  await services.ask('exports.finish', { export: id });
  return whole;
}

async function upload(services: OpenServices, files: Readonly<Record<string, Uint8Array>>): Promise<ModelImport> {
  const named = Object.entries(files);
  const announced = named.map(([name, bytes]) => ({ name, bytes: bytes.length }));
  const { import: id } = (await services.ask('models.importBegin', { files: announced })) as { import: string };
  for (const [file, [, bytes]] of named.entries()) {
    for (let at = 0; at < bytes.length; at += 5000) {
      await services.ask('models.importChunk', { import: id, file, bytes: bytes.slice(at, at + 5000) });
    }
  }
  return (await services.ask('models.importPreview', { import: id })) as ModelImport;
}

const bytesOf = async ({ ask }: OpenServices, run: string, update: number) =>
  ((await ask('checkpoints.read', { run, update })) as { bytes: Uint8Array }).bytes;

describe('a bundle', () => {
  test('opens in an empty workspace as the run that it was', async () => {
    const here = await withFinishedRun();
    const { id } = finished;
    await here.ask('checkpoints.pin', { run: id, update: 25, pinned: true });
    const bundle = await download(here, { run: id, update: 25, format: 'bundle' });

    const there = await openServices(temporaryFolder());
    const found = await upload(there, { 'small.unrolled': bundle });
    expect(found).toMatchObject({
      name: 'Small one',
      model: null,
      bundle: { update: 60, note: 'Look at update 25.', program: '0.0.0', dataset: null },
    });
    const back = (await there.ask('models.importSave', { import: found.import, name: found.name })) as RunInfo;
    const { id: _id, created: _created, ...rest } = finished;
    expect(back).toMatchObject(rest);

    expect(await here.ask('runs.health', { id })).not.toEqual([]);
    for (const call of ['runs.history', 'runs.samples', 'runs.health']) {
      const args = call === 'runs.history' ? { points: 1000 } : {};
      expect(await there.ask(call, { id: back.id, ...args })).toEqual(await here.ask(call, { id, ...args }));
    }
    const listed = async (services: OpenServices, of: string) =>
      ((await services.ask('checkpoints.list', { run: of })) as CheckpointInfo[]).map(
        ({ run: _run, ...checkpoint }) => checkpoint,
      );
    expect(await listed(there, back.id)).toEqual(await listed(here, id));
    for (const { update } of await listed(here, id)) {
      expect(await bytesOf(there, back.id, update)).toEqual(await bytesOf(here, id, update));
    }
  });

  test('trains on from where it stands', async () => {
    const here = await withFinishedRun();
    const { id, experiment } = finished;
    const bundle = await download(here, { run: id, update: 60, format: 'bundle' });
    const there = await openServices(temporaryFolder());
    const { import: name } = await upload(there, { 'small.unrolled': bundle });
    const back = (await there.ask('models.importSave', { import: name, name: 'Back' })) as RunInfo;
    const longer = structuredClone(experiment) as { training: { updates: number } };
    longer.training.updates = 70;
    const from = { run: back.id, update: 60 };
    const next = (await there.ask('runs.create', { experiment: longer, from })) as RunInfo;
    expect((await there.reach(next.id, 'finished')).progress.update).toBe(70);
  });

  test('that is damaged is refused, and nothing stays behind', async () => {
    const here = await withFinishedRun();
    const { id } = finished;
    const bundle = await download(here, { run: id, update: 60, format: 'bundle' });
    bundle[Math.floor(bundle.length / 2)]! ^= 1;
    const path = temporaryFolder();
    const there = await openServices(path);
    await expect(upload(there, { 'small.unrolled': bundle })).rejects.toThrow(/damaged/u);
    expect(await there.ask('runs.list')).toEqual([]);
    expect(readdirSync(join(path, 'runs'))).toEqual([]);
  });
});

describe('exports', () => {
  test('have names of their own, by format and update', async () => {
    const services = await withFinishedRun();
    const names = await Promise.all(
      EXPORT_FORMATS.map(async (format) => {
        const preview = (await services.ask('exports.preview', {
          run: finished.id,
          update: 60,
          format,
        })) as ExportPreview;
        return preview.fileName;
      }),
    );
    expect(new Set(names).size).toBe(EXPORT_FORMATS.length);
    expect(names).toEqual(expect.arrayContaining(['small-one-60-pytorch.zip', 'small-one-60-tfjs.zip']));
  });

  test.each(['onnx', 'safetensors', 'tfjs', 'html', 'bundle'])('tell what would be written as %s', async (format) => {
    const services = await withFinishedRun();
    const { id } = finished;
    const preview = (await services.ask('exports.preview', { run: id, update: 60, format })) as ExportPreview;
    expect(preview.refused).toBeNull();
    expect(preview.fileName).toMatch(/^small-one-60(-\w+)?\.(onnx|zip|html|unrolled)$/u);
    expect(preview.files.every(({ bytes }) => bytes > 0)).toBe(true);
    expect(preview.card).toContain('Look at update 25.');
    expect(preview.graphs.map(({ file, inputs }) => [file, ...inputs.map(({ name }) => name)])).toEqual(
      format === 'onnx' ? [['model.onnx', 'tokens']] : [],
    );
    expect(preview.snippets.length > 0).toBe(['onnx', 'safetensors', 'tfjs'].includes(format));
  });

  test('write to a path, whole or not at all', async () => {
    const folder = temporaryFolder();
    const services = await withFinishedRun(join(folder, 'workspace'));
    const { id } = finished;
    const path = join(folder, 'model.onnx');
    const what = { run: id, update: 60, format: 'onnx' };
    expect(await exportTo(services, { ...what, path })).toMatchObject({ state: 'done', failure: null });
    expect(existsSync(path)).toBe(true);
    const nowhere = await exportTo(services, { ...what, path: join(folder, 'no', 'such', 'folder.onnx') });
    expect(nowhere).toMatchObject({ state: 'failed', failure: { code: 'invalid-input' } });
    // A folder with something in it stands where the file is to be.
    mkdirSync(join(folder, 'taken.onnx'));
    writeFileSync(join(folder, 'taken.onnx', 'letter'), 'Dear');
    const taken = await exportTo(services, { ...what, path: join(folder, 'taken.onnx') });
    expect(taken).toMatchObject({ state: 'failed' });
    expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'taken.onnx', 'workspace']);
  });

  test('that are cancelled leave nothing', async () => {
    const folder = temporaryFolder();
    const services = await withFinishedRun(join(folder, 'workspace'));
    const { id } = finished;
    const path = join(folder, 'model.html');
    const begun = await services.ask('exports.begin', { run: id, update: 60, format: 'html', path });
    await services.ask('exports.cancel', begun as object);
    expect(readdirSync(folder)).toEqual(['workspace']);
    expect(services.heard.at(-1)).toMatchObject(['exports.progress', { state: 'cancelled' }]);
    expect(await services.answer('exports.cancel', begun)).toMatchObject({ ok: false });
  });

  test('of what is not there are refused', async () => {
    const services = await withFinishedRun();
    const { id } = finished;
    const asked = await services.answer('exports.begin', { run: id, update: 7, format: 'onnx' });
    expect(asked).toMatchObject({ ok: false, error: { message: 'the run has no checkpoint of update 7' } });
  });
});

describe('weights from elsewhere', () => {
  test('become a run with the same bits, that can be trained on', async () => {
    const here = await withFinishedRun();
    const { id } = finished;
    const zip = await download(here, { run: id, update: 60, format: 'safetensors' });
    const there = await openServices(temporaryFolder());
    const found = await upload(there, { 'model.zip': zip });
    expect(found.model).toMatchObject({ format: 'safetensors', missing: [], conversions: [], task: 'parity' });
    const back = (await there.ask('models.importSave', { import: found.import, name: 'Weights' })) as RunInfo;
    expect(back).toMatchObject({ name: 'Weights', state: 'stopped', progress: { update: 0 } });
    const before = readCheckpoint(await bytesOf(here, id, 60), 'before');
    const after = readCheckpoint(await bytesOf(there, back.id, 0), 'after');
    expect(new Map([...after.model].sort())).toEqual(new Map([...before.model].sort()));
    // Without a history of its own it can still go on as a bundle.
    const bundle = await download(there, { run: back.id, update: 0, format: 'bundle' });
    expect((await upload(there, { 'again.unrolled': bundle })).bundle).toMatchObject({ update: 0, checkpoints: 1 });
    await there.ask('settings.set', { threads: 1 });
    await there.ask('runs.resume', { id: back.id });
    expect((await there.reach(back.id, 'finished')).progress.update).toBe(60);
  });

  test('of a LayersModel come as two files, from a path too', async () => {
    const folder = temporaryFolder();
    const services = await withFinishedRun(join(folder, 'workspace'));
    const { id } = finished;
    const out = join(folder, 'model');
    expect(await exportTo(services, { run: id, update: 60, format: 'tfjs', path: out })).toMatchObject({
      state: 'done',
    });
    const files = Object.fromEntries(
      ['model.json', 'weights.bin'].map((name) => [name, new Uint8Array(readFileSync(join(out, name)))]),
    );
    const sent = await upload(services, files);
    expect(sent.model).toMatchObject({
      format: 'layers-model',
      architecture: expect.stringMatching(/lstm/iu) as unknown,
    });
    const begun = await services.ask('models.importFile', { path: join(out, 'model.json') });
    const read = (await services.ask('models.importPreview', begun as object)) as ModelImport;
    expect(read.model).toEqual(sent.model);
    rmSync(join(out, 'weights.bin'));
    const again = await services.ask('models.importFile', { path: join(out, 'model.json') });
    expect(await services.answer('models.importPreview', again)).toMatchObject({ ok: false });
  });

  test('are named by the person where the file does not say', async () => {
    const folder = temporaryFolder();
    const services = await withFinishedRun(join(folder, 'workspace'));
    const { id } = finished;
    const checkpoint = readCheckpoint(await bytesOf(services, id, 60), 'it');
    const { writeSafetensors } = await import('../../../engine/formats/safetensors.ts');
    const named = new Map([...checkpoint.model].map(([name, tensor]) => [`net.${name}`, tensor]));
    const { import: one, model } = await upload(services, { 'weights.safetensors': writeSafetensors(named) });
    expect(model).toMatchObject({ task: null, inputs: 2, outputs: 2 });
    expect(model?.kinds).toContain('classification');
    const wrong = { import: one, name: 'x', choice: { kind: 'classification', labels: ['a', 'b', 'c'] } };
    expect(await services.answer('models.importSave', wrong)).toMatchObject({ ok: false });
    const { task } = finished.experiment as { readonly task: object };
    const run = (await services.ask('models.importSave', { import: one, name: 'x', choice: { task } })) as RunInfo;
    expect(run.experiment).toMatchObject({ task });
    expect(existsSync(join(folder, 'workspace', '.imports', one))).toBe(false);
  });
});

describe('the folder of a run in a workspace, exported from the command line', () => {
  const job = (path: string, best = false) =>
    jobOfPath({ path, format: 'html', best, out: 'model.html', version: '1.0.0', now: new Date(0) });

  test('tells what the workspace knows of the run, while the program has it open', async () => {
    const workspace = join(temporaryFolder(), 'workspace');
    await withFinishedRun(workspace);
    const folder = join(workspace, 'runs', finished.id);
    const { about, bundle } = job(folder);
    expect(about).toMatchObject({ name: 'Small one', note: 'Look at update 25.' });
    expect(about.metrics[0]).toEqual(finished.metric);
    expect(bundle?.run).toMatchObject({ note: 'Look at update 25.', metric: finished.metric, best: finished.best });
    expect(bundle?.evaluations.at(-1)?.update).toBe(finished.progress.update);
    expect(job(folder, true).checkpoint).toContain(String(finished.best?.update));
  });

  test('tells what is in it where it stands by itself', () => {
    const workspace = join(temporaryFolder(), 'workspace');
    cpSync(join(template, 'workspace', 'runs'), join(workspace, 'runs'), { recursive: true });
    const folder = join(workspace, 'runs', finished.id);
    expect(job(folder).about).toMatchObject({ note: '', metrics: [] });
    expect(() => job(folder, true)).toThrow('--checkpoint');
    // Another program's file in its place is left alone.
    writeFileSync(join(workspace, 'workspace.db'), 'no database');
    expect(job(folder).about.metrics).toEqual([]);
    expect(readFileSync(join(workspace, 'workspace.db'), 'utf8')).toBe('no database');
  });
});
