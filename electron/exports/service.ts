/** The calls of the contract that concern exports. Each is made in a thread of its own. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import type { Emit } from '../api/call.ts';
import type { events, Services } from '../api/contract.ts';
import type { ExportPreview, ExportProgress } from '../api/exports.ts';
import { fileError } from '../runs/files.ts';
import type { Runs } from '../runs/runs.ts';
import { pagePath } from '../workspace/person-path.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { ExportOrder, ExportWord } from './export-thread.ts';
import { jobOfRun } from './of-run.ts';
import { removeTemporary } from './write.ts';

export interface ExportService {
  readonly exports: Services['exports'];
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** What is read at once. */
const PIECE = 1 << 20;
/** Where files are kept that the face reads. */
const FOLDER = '.exports';
/** Exports that are remembered; beyond that the oldest is given up: its page has been closed. */
const MOST = 8;

interface Running {
  /** Where it is written. */
  readonly target: string;
  /** The face reads the file; it is removed afterwards. */
  readonly kept: boolean;
  readonly worker: Worker;
  temporary: string | undefined;
  ended: boolean;
}

export function createExportService(
  workspace: Workspace,
  runs: Runs,
  emit: Emit<typeof events>,
  version: string,
): ExportService {
  const running = new Map<string, Running>();
  const folder = join(workspace.path, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  const previews = new Set<Worker>();

  return {
    exports: {
      async preview({ run, update, format }) {
        const job = jobOfRun(workspace, runs, { run, update, format, version, now: new Date() });
        const preview = await previewed({ job, target: null });
        return { ...preview, fileName: job.fileName };
      },
      begin({ run, update, format, path }) {
        const job = jobOfRun(workspace, runs, { run, update, format, version, now: new Date() });
        const id = `export-${randomUUID()}`;
        if (path === undefined) makeFolder(folder);
        const target = path === undefined ? join(folder, id + extname(job.fileName)) : pagePath(path);
        begin(id, { job, target }, path === undefined);
        return { export: id };
      },
      async cancel({ export: id }) {
        const one = find(id);
        if (!one.ended) {
          await end(one);
          tell(id, { state: 'cancelled', fraction: 0, bytes: 0, failure: null });
        }
        forget(id, one);
        return {};
      },
      async read({ export: id, offset }) {
        const { target, ended } = find(id);
        if (!ended) throw new InputError('the export is not finished yet; events tell when it is');
        return { bytes: await readPiece(target, offset) };
      },
      finish({ export: id }) {
        forget(id, find(id));
        return {};
      },
    },
    async close() {
      await Promise.all([...previews].map((worker) => worker.terminate()));
      await Promise.all([...running.values()].map(end));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  function begin(id: string, order: ExportOrder & { readonly target: string }, kept: boolean): void {
    const worker = start(order);
    const one: Running = { target: order.target, kept, worker, temporary: undefined, ended: false };
    running.set(id, one);
    const [oldest] = running;
    if (running.size > MOST && oldest) {
      void end(oldest[1]);
      forget(...oldest);
    }
    let fraction = 0;
    const fail = (failure: ExportProgress['failure']) => {
      if (one.ended) return;
      one.ended = true;
      clear(one);
      tell(id, { state: 'failed', fraction, bytes: 0, failure });
    };
    worker.on('message', (word: ExportWord) => {
      if (word.kind === 'temporary') {
        one.temporary = word.path;
      } else if (word.kind === 'progress') {
        ({ fraction } = word);
        tell(id, { state: 'working', fraction, bytes: 0, failure: null });
      } else if (word.kind === 'written') {
        one.ended = true;
        tell(id, { state: 'done', fraction: 1, bytes: word.bytes, failure: null });
      } else if (word.kind === 'failed') {
        fail(word.failure);
      }
    });
    worker.on('error', (error: Error) => fail({ code: 'defect', message: `the export has failed (${error.message})` }));
    worker.on('exit', () => fail({ code: 'defect', message: 'the export has ended before it was done' }));
  }

  function previewed(order: ExportOrder): Promise<Omit<ExportPreview, 'fileName'>> {
    const worker = start(order);
    previews.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (word: ExportWord) => {
        if (word.kind === 'preview') resolve(word.preview);
        if (word.kind === 'failed') {
          const { code, message, hint } = word.failure;
          reject(new UnrolledError(code, message, hint));
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        previews.delete(worker);
        reject(new UnrolledError('cancelled', 'the preview was given up'));
      });
    });
  }

  function find(id: string): Running {
    const found = running.get(id);
    if (found === undefined)
      throw new InputError(`there is no export ${id}; it was finished, cancelled or never begun`);
    return found;
  }

  function forget(id: string, { kept, target }: Running): void {
    running.delete(id);
    if (kept) rmSync(target, { force: true });
  }

  function tell(id: string, progress: Omit<ExportProgress, 'export'>): void {
    emit('exports.progress', { export: id, ...progress });
  }
}

function start(order: ExportOrder): Worker {
  return new Worker(new URL('./export-thread.ts', import.meta.url), { workerData: order });
}

/** Ends its thread at once; what it has written of the file goes. */
async function end(one: Running): Promise<void> {
  const wasWorking = !one.ended;
  one.ended = true;
  await one.worker.terminate();
  if (wasWorking) clear(one);
}

function clear({ temporary }: Running): void {
  if (temporary !== undefined) removeTemporary(temporary);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, 'made', folder);
  }
}

async function readPiece(path: string, offset: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(PIECE);
      const { bytesRead } = await file.read(buffer, 0, PIECE, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
