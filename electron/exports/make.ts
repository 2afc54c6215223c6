/** The files of an export, in memory. */
import { readFile } from 'node:fs/promises';
import { loadCore } from '../../engine/core/load.ts';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { modelCard, type Card } from '../../engine/exports/card.ts';
import { textFile, type ExportedFile } from '../../engine/exports/files.ts';
import { endingOf, whyNot } from '../../engine/exports/formats.ts';
import { htmlExport } from '../../engine/exports/html.ts';
import { onnxExport } from '../../engine/exports/onnx/onnx.ts';
import { answerOf } from '../../engine/exports/pytorch/answer.ts';
import { pytorchExport } from '../../engine/exports/pytorch/pytorch.ts';
import { readme, snippetsFor, type Snippet } from '../../engine/exports/snippets.ts';
import { tfjsExport } from '../../engine/exports/tfjs.ts';
import { recurrentOnly, trainedModel, type AnyTrainedModel } from '../../engine/exports/trained-model.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import { coreFiles } from '../core/core-files.ts';
import { fileError } from '../runs/files.ts';
import { readHealth } from '../runs/health-file.ts';
import { readCheckpointFile } from '../runs/run-folder.ts';
import { writeBundle } from './bundle.ts';
import { datasetFacts, type DatasetFacts } from './dataset-facts.ts';
import type { ExportJob } from './job.ts';
import { readPlayer } from './player-files.ts';

export interface MadeExport {
  readonly files: readonly ExportedFile[];
  readonly model: AnyTrainedModel;
  readonly card: Card;
  readonly snippets: readonly Snippet[];
}

/** `tell`: how far it is, 0 to 1. Throws UnrolledError where the model cannot be written in the format. */
export async function makeExport(job: ExportJob, tell: (fraction: number) => void): Promise<MadeExport> {
  const { format } = job;
  const model = trainedModel(readCheckpointFile(job.checkpoint), job.checkpoint);
  const refusal = whyNot(model, format);
  if (refusal !== undefined) throw new UnrolledError('not-expressible', refusal);
  tell(0.2);
  const facts = await datasetFacts(model.experiment, job.datasets);
  const card = cardOf(job, model, facts);
  tell(0.5);
  const snippets = snippetsFor(model, format, job.fileName);
  const files = await filesOf(job, model, card, facts, snippets);
  tell(1);
  return { files, model, card, snippets };
}

function cardOf({ about }: ExportJob, model: AnyTrainedModel, { origin, baselines }: DatasetFacts): Card {
  const { id, title, description } = taskDefinition(model.experiment.task.id);
  // A history does not keep units; the baselines have the same.
  const unitOf = (label: string) => baselines.find(({ metric }) => metric.label === label)?.metric.unit;
  const metrics = about.metrics.map((metric) => ({ ...metric, unit: metric.unit ?? unitOf(metric.label) }));
  return modelCard(model, { ...about, metrics, task: { id, title, description }, origin, baselines });
}

async function filesOf(
  job: ExportJob,
  model: AnyTrainedModel,
  card: Card,
  facts: DatasetFacts,
  snippets: readonly Snippet[],
): Promise<readonly ExportedFile[]> {
  const one = (bytes: Uint8Array<ArrayBuffer>) => [{ name: `model${endingOf(job.format, model.codec.kind)}`, bytes }];
  const withReadme = (files: readonly ExportedFile[]) =>
    files.map((file) => (file.name === 'README.md' ? textFile('README.md', readme(card, snippets)) : file));
  switch (job.format) {
    case 'onnx': {
      const files = onnxExport(model, card);
      return job.severalFiles ? [...files, textFile('README.md', readme(card, snippets))] : files;
    }
    case 'safetensors': {
      const answer = await answerOf(model, await loadCore(coreFiles, { shared: false }));
      return withReadme(pytorchExport(model, card, answer));
    }
    case 'tfjs':
      return withReadme(tfjsExport(recurrentOnly(model), card));
    case 'html':
      return one(htmlExport(model, card, await readPlayer(), facts.examples));
    case 'bundle':
      return one(await bundleOf(job, card, facts));
  }
}

async function bundleOf({ bundle, about }: ExportJob, card: Card, facts: DatasetFacts) {
  if (bundle === undefined) throw new InputError('a bundle is of a run; there is a checkpoint alone');
  const { history } = bundle;
  return writeBundle({
    program: about.version,
    run: bundle.run,
    dataset: facts.reference,
    history: history === null ? null : 'bytes' in history ? history.bytes : await read(history.path),
    health: bundle.health === null ? [] : readHealth(bundle.health),
    evaluations: bundle.evaluations,
    samples: bundle.samples,
    checkpoints: await Promise.all(
      bundle.checkpoints.map(async ({ path, update, saved, pinned }) => ({
        update,
        saved,
        pinned,
        bytes: await read(path),
      })),
    ),
    card: card.markdown,
  });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
