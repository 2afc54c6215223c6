/** A worker thread's entry: makes an export, and writes it where that is asked. */
import { parentPort, workerData } from 'node:worker_threads';
import { UnrolledError } from '../../engine/errors.ts';
import { graphsOf } from '../../engine/exports/onnx/graphs.ts';
import type { Port } from '../../engine/formats/onnx/model.ts';
import type { Failure } from '../api/call.ts';
import type { ExportPreview } from '../api/exports.ts';
import { failureOf } from '../runs/failure.ts';
import type { ExportJob } from './job.ts';
import { makeExport, type MadeExport } from './make.ts';
import { temporaryName, writeExport } from './write.ts';

export interface ExportOrder {
  readonly job: ExportJob;
  /** null: a preview alone. */
  readonly target: string | null;
}

export type ExportWord =
  /** Where it is written before it is whole. */
  | { readonly kind: 'temporary'; readonly path: string }
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'preview'; readonly preview: Omit<ExportPreview, 'fileName'> }
  | { readonly kind: 'written'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Of the whole, what goes before the writing. */
const MAKING = 0.6;

const { job, target } = workerData as ExportOrder;
try {
  if (target !== null) tell({ kind: 'temporary', path: temporaryName(target) });
  const made = await makeExport(job, (fraction) => tell({ kind: 'progress', fraction: fraction * MAKING }));
  if (target === null) {
    tell({ kind: 'preview', preview: previewOf(made) });
  } else {
    const progress = (fraction: number) => tell({ kind: 'progress', fraction: MAKING + fraction * (1 - MAKING) });
    tell({
      kind: 'written',
      bytes: await writeExport(made.files, target, job.severalFiles, { overwrite: true, tell: progress }),
    });
  }
} catch (error) {
  if (target === null && error instanceof UnrolledError && error.code === 'not-expressible') {
    const nothing = { files: [], graphs: [], snippets: [], card: '' };
    tell({ kind: 'preview', preview: { refused: error.message, ...nothing } });
  } else {
    tell({ kind: 'failed', failure: failureOf(error, 'the export') });
  }
}

function tell(word: ExportWord): void {
  parentPort?.postMessage(word);
}

function previewOf({ files, model, card, snippets }: MadeExport): Omit<ExportPreview, 'fileName'> {
  const graphs = job.format === 'onnx' ? graphsOf(model) : [];
  const plain = (ports: readonly Port[]) => ports.map((one) => ({ ...one, shape: [...one.shape] }));
  return {
    refused: null,
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length })),
    graphs: graphs.map(({ name, graph }) => ({
      file: name,
      inputs: plain(graph.inputs),
      outputs: plain(graph.outputs),
    })),
    snippets: snippets.map((snippet) => ({ ...snippet })),
    card: card.markdown,
  };
}
