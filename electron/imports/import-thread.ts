/** A worker thread's entry: reads the files of an import and tells what they are. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Failure } from '../api/call.ts';
import { failureOf } from '../runs/failure.ts';
import { fileError } from '../runs/files.ts';
import { openImport, type OpenedImport } from './open-import.ts';
import { readImportFiles } from './read-files.ts';

/** One file that the back reads itself, or those that the face has sent. */
export type ImportOrder =
  { readonly path: string } | { readonly files: readonly { readonly name: string; readonly path: string }[] };

export type ImportWord =
  { readonly kind: 'opened'; readonly opened: OpenedImport } | { readonly kind: 'failed'; readonly failure: Failure };

const order = workerData as ImportOrder;
try {
  tell({ kind: 'opened', opened: openImport('path' in order ? readImportFiles(order.path) : order.files.map(read)) });
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(error, 'the import') });
}

function tell(word: ImportWord): void {
  parentPort?.postMessage(word);
}

function read({ name, path }: { readonly name: string; readonly path: string }) {
  try {
    return { name, bytes: readFileSync(path) };
  } catch (error) {
    throw fileError(error, 'read', name);
  }
}
