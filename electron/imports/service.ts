/** The calls of the contract that bring models in. Files are read and recognised in a thread. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeBytes } from '../../engine/core/core.ts';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { TaskChoice } from '../../engine/experiment/experiment.ts';
import { describeArchitecture } from '../../engine/exports/card.ts';
import { assembleImport, kindsFor, type ImportChoice } from '../../engine/imports/assemble.ts';
import type { FoundModel } from '../../engine/imports/found-model.ts';
import { specFor } from '../../engine/models/from-experiment.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { Services } from '../api/contract.ts';
import type { BundleInfo, FoundModelInfo, ImportChoiceInfo, ModelImport } from '../api/exports.ts';
import type { RunInfo } from '../api/runs.ts';
import type { DatasetReference } from '../exports/bundle.ts';
import { checksumOf } from '../exports/dataset-facts.ts';
import { fileError } from '../runs/files.ts';
import { openTask } from '../runs/open-task.ts';
import type { Runs } from '../runs/runs.ts';
import { pagePath } from '../workspace/person-path.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { bundleIntoWorkspace, checkpointIntoWorkspace } from './into-workspace.ts';
import type { ImportOrder, ImportWord } from './import-thread.ts';
import { MOST_IMPORT_BYTES, type OpenedImport } from './open-import.ts';

export interface ImportService {
  readonly models: Services['models'];
  /** Gives up what is under way. */
  close(): Promise<void>;
}

/** Imports at once; beyond that the oldest is given up: its page has been closed. */
const MOST_IMPORTS = 4;
/** Where files lie that the face has sent. */
const FOLDER = '.imports';

interface Import {
  readonly order: ImportOrder;
  /** Of its own; removed with it. */
  readonly folder: string;
  /** Bytes that have come and that were announced, by file. */
  readonly parts: { bytes: number; readonly most: number }[];
  worker: Worker | undefined;
  opened: Promise<OpenedImport> | undefined;
  /** Pieces are written in the order of the calls. */
  written: Promise<void>;
}

export function createImportService(workspace: Workspace, runs: Runs): ImportService {
  const imports = new Map<string, Import>();
  const root = join(workspace.path, FOLDER);
  rmSync(root, { recursive: true, force: true });

  return {
    models: {
      importFile({ path }) {
        const whole = pagePath(path);
        return begin(() => ({ path: whole }), []);
      },
      importBegin({ files }) {
        const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
        if (total > MOST_IMPORT_BYTES) {
          throw new InputError(
            `the files have ${describeBytes(total)}; at most ${describeBytes(MOST_IMPORT_BYTES)} are read`,
          );
        }
        const named = (folder: string) => files.map(({ name }, i) => ({ name, path: join(folder, String(i)) }));
        return begin(
          (folder) => ({ files: named(folder) }),
          files.map(({ bytes }) => ({ bytes: 0, most: bytes })),
        );
      },
      async importChunk({ import: id, file, bytes }) {
        await write(find(id), file, bytes);
        return {};
      },
      async importPreview({ import: id }) {
        return previewOf(id, await open(find(id)), workspace.datasets.folder);
      },
      async importSave({ import: id, name, choice }) {
        const run = await save(await open(find(id)), name, choice);
        await giveUp(id);
        return run;
      },
      async importCancel({ import: id }) {
        find(id);
        await giveUp(id);
        return {};
      },
    },
    async close() {
      await Promise.all([...imports.keys()].map(giveUp));
      rmSync(root, { recursive: true, force: true });
    },
  };

  function begin(orderIn: (folder: string) => ImportOrder, parts: Import['parts']): { import: string } {
    const id = `import-${randomUUID()}`;
    const folder = join(root, id);
    if (parts.length > 0) makeFolder(folder);
    const order = orderIn(folder);
    imports.set(id, { order, folder, parts, worker: undefined, opened: undefined, written: Promise.resolve() });
    const [oldest] = imports.keys();
    if (imports.size > MOST_IMPORTS && oldest !== undefined) void giveUp(oldest);
    return { import: id };
  }

  function find(id: string): Import {
    const found = imports.get(id);
    if (found === undefined) throw new InputError(`there is no import ${id}; it was saved, cancelled or never begun`);
    return found;
  }

  async function giveUp(id: string): Promise<void> {
    const one = imports.get(id);
    imports.delete(id);
    await one?.worker?.terminate();
    await one?.written.catch(() => undefined);
    if (one) rmSync(one.folder, { recursive: true, force: true });
  }

  async function save(opened: OpenedImport, name: string, choice: ImportChoiceInfo): Promise<RunInfo> {
    switch (opened.kind) {
      case 'bundle':
        return bundleIntoWorkspace(workspace, runs, name, opened.bundle);
      case 'checkpoint':
        return checkpointIntoWorkspace(workspace, runs, name, opened.checkpoint);
      case 'model': {
        const checkpoint = assembleImport(opened.found, await choiceOf(choice), opened.name);
        return checkpointIntoWorkspace(workspace, runs, name, checkpoint);
      }
    }
  }

  async function choiceOf({ task, ...choice }: ImportChoiceInfo): Promise<ImportChoice> {
    if (task === undefined) return choice;
    const { task: chosen } = parseExperiment({ ...EMPTY, task });
    const { state } = await openTask({ task: chosen, seed: 0 }, workspace.datasets.folder);
    return { ...choice, task: { choice: chosen satisfies TaskChoice, state } };
  }
}

/** An experiment that lacks its task alone. */
const EMPTY = {
  format: 'unrolled-experiment',
  version: 1,
  model: { cell: 'lstm', hiddenSize: 1 },
  training: { updates: 1 },
} as const;

async function write(one: Import, file: number, piece: Uint8Array): Promise<void> {
  const part = one.parts[file];
  if (part === undefined || one.opened !== undefined)
    throw new InputError('no further piece of such a file belongs to the import');
  part.bytes += piece.length;
  if (part.bytes > part.most) {
    throw new InputError(`file ${file + 1} was announced with ${part.most} bytes, and more have come`);
  }
  const path = join(one.folder, String(file));
  const before = one.written;
  one.written = (async () => {
    await before;
    await appendFile(path, piece);
  })();
  try {
    await one.written;
  } catch (error) {
    throw fileError(error, 'written', path);
  }
}

function open(one: Import): Promise<OpenedImport> {
  one.opened ??= (async () => {
    await one.written;
    const short = one.parts.findIndex(({ bytes, most }) => bytes !== most);
    if (short >= 0) throw new InputError(`file ${short + 1} has not come to its end yet`);
    return recognise(one);
  })();
  return one.opened;
}

function recognise(one: Import): Promise<OpenedImport> {
  const worker = new Worker(new URL('./import-thread.ts', import.meta.url), { workerData: one.order });
  one.worker = worker;
  return new Promise((resolve, reject) => {
    worker.on('message', (word: ImportWord) => {
      if (word.kind === 'opened') {
        resolve(word.opened);
      } else {
        const { code, message, hint } = word.failure;
        reject(new UnrolledError(code, message, hint));
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new UnrolledError('cancelled', 'the import was given up')));
  });
}

async function previewOf(id: string, opened: OpenedImport, datasets: string): Promise<ModelImport> {
  const name = basename(opened.name).replace(/\.[^.]+$/u, '') || opened.name;
  switch (opened.kind) {
    case 'bundle':
      return {
        import: id,
        name: opened.bundle.run.name,
        bundle: await describeBundle(opened.bundle, datasets),
        model: null,
      };
    case 'checkpoint': {
      const { experiment, progress } = opened.checkpoint;
      const bundle = {
        name,
        task: experiment.task.id,
        update: progress.update,
        checkpoints: 1,
        note: '',
        program: '',
        dataset: null,
      };
      return { import: id, name: experiment.name ?? name, bundle, model: null };
    }
    case 'model':
      return { import: id, name, bundle: null, model: describeModel(opened.found) };
  }
}

async function describeBundle(
  { run, checkpoints, program, dataset }: Extract<OpenedImport, { kind: 'bundle' }>['bundle'],
  datasets: string,
): Promise<BundleInfo> {
  return {
    name: run.name,
    task: run.task,
    update: checkpoints.at(-1)?.update ?? 0,
    checkpoints: checkpoints.length,
    note: run.note,
    program,
    dataset: dataset && { id: dataset.id, origin: dataset.origin, here: await isHere(dataset, datasets) },
  };
}

async function isHere({ id, checksum }: DatasetReference, datasets: string): Promise<boolean> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/u.test(id)) return false;
  try {
    return (await checksumOf(id, datasets)) === checksum;
  } catch (error) {
    if (error instanceof UnrolledError) return false;
    throw error;
  }
}

function describeModel(found: FoundModel): FoundModelInfo {
  const { format, mapped, conversions, own } = found;
  const shaped = <S extends { readonly shape: readonly number[] }>(one: S) => ({ ...one, shape: [...one.shape] });
  const common = {
    format,
    architecture: describeFound(found),
    mapped: mapped.map(shaped),
    conversions: [...conversions],
    kinds: [...kindsFor(found)],
    task: own?.experiment.task.id ?? null,
  };
  if (found.architecture !== 'recurrent') {
    const { input, output } = restoreCodec(found.own.taskState);
    return {
      ...common,
      relu: false,
      pooling: null,
      inputs: input.kind === 'tokens' ? input.symbols.length : input.names.length,
      outputs: output.kind === 'labels' ? output.labels.length : output.names.length,
      missing: [],
      canTieHead: false,
    };
  }
  const { relu, pooling, input, output, missing, canTieHead } = found;
  return {
    ...common,
    relu,
    pooling,
    inputs: input.kind === 'tokens' ? input.symbols : input.width,
    outputs: output?.count ?? null,
    missing: missing.map(shaped),
    canTieHead,
  };
}

function describeFound(found: FoundModel): string {
  if (found.architecture !== 'recurrent') {
    const { experiment, taskState } = found.own;
    const codec = restoreCodec(taskState);
    return describeArchitecture({ spec: specFor(experiment, codec, ONE_STEP) });
  }
  const { cell, hiddenSize, layers, bidirectional, input, output } = found;
  return [
    cell.toUpperCase(),
    `${layers} ${layers === 1 ? 'layer' : 'layers'} of ${hiddenSize}`,
    ...(bidirectional ? ['bidirectional'] : []),
    input.kind === 'tokens'
      ? `${input.symbols} ${input.symbols === 1 ? 'symbol' : 'symbols'}`
      : `${input.width} ${input.width === 1 ? 'input' : 'inputs'}`,
    ...(input.kind === 'tokens' && input.embeddingSize > 0 ? [`embedding ${input.embeddingSize}`] : []),
    output === null ? 'no head' : `${output.count} ${output.count === 1 ? 'output' : 'outputs'}`,
  ].join(', ');
}

const ONE_STEP = { steps: 1, batchSize: 1, lengths: false, stateful: false } as const;

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, 'made', folder);
  }
}
