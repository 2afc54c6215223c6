/** What is told of the data that a model was trained on, where they are at hand. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UnrolledError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import type { CardFacts, CardMetric } from '../../engine/exports/card.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { TaskData } from '../../engine/tasks/data.ts';
import { parseForecastState, valuesNeeded } from '../../engine/tasks/forecast-codec.ts';
import { dataNeed, makeTask, taskDefinition } from '../../engine/tasks/registry.ts';
import type { Metric, Origin, Task } from '../../engine/tasks/task.ts';
import { bundledDatasets } from '../datasets/bundled.ts';
import { loadDataset } from '../datasets/load.ts';
import { readManifest } from '../datasets/stored.ts';
import type { DatasetReference } from './bundle.ts';

export interface DatasetFacts {
  readonly origin: Origin;
  readonly baselines: CardFacts['baselines'];
  /** Real inputs, as the task's codec takes them. */
  readonly examples: readonly JsonValue[];
  /** null: the task makes its own data, or they are not there. */
  readonly reference: DatasetReference | null;
}

const EXAMPLES = 6;
/** Points of a series in an example, where it has that many. */
const POINTS = 60;

/** Where the data are not there, what the task's definition says. */
export async function datasetFacts(experiment: Experiment, datasets: string | undefined): Promise<DatasetFacts> {
  const definition = taskDefinition(experiment.task.id);
  try {
    const need = dataNeed(experiment.task);
    const data = need === null ? null : await loadDataset(need, datasets);
    const task = makeTask(experiment.task, experiment.seed, data);
    const reference =
      need === null || data === null
        ? null
        : { id: need.dataset, origin: task.origin, checksum: await checksumOf(need.dataset, datasets, data) };
    const baselines = task.baselines().map(({ name, metric }) => ({ name, metric: plain(metric) }));
    return { origin: task.origin, baselines, examples: examplesOf(task, data), reference };
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    return { origin: definition.origin, baselines: [], examples: [], reference: null };
  }
}

/** SHA-256: of an imported dataset's file, of a bundled one's content. */
export async function checksumOf(id: string, datasets: string | undefined, data?: TaskData): Promise<string> {
  const bundled = bundledDatasets.some((known) => known === id);
  if (!bundled && datasets !== undefined) return readManifest(join(datasets, id), id).checksum;
  const content = data ?? (await loadDataset({ dataset: id, most: Infinity }, datasets));
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function examplesOf(task: Task, data: TaskData | null): readonly JsonValue[] {
  const { validation, state } = task;
  if (task.kind === 'language') {
    return data?.form === 'text' ? [firstLine(data.text)] : [];
  }
  if (data?.form === 'series' && state['family'] === 'forecasting') {
    const points = data.points.slice(-Math.max(POINTS, valuesNeeded(parseForecastState(state))));
    const [first] = points;
    return first ? [{ start: first.date, values: points.map(({ value }) => value) }] : [];
  }
  if (validation.form !== 'set' || task.input.kind !== 'tokens' || task.kind === 'generation') return [];
  const inputs: JsonValue[] = [];
  const count = Math.min(validation.count, 1000);
  for (let i = 0; i < EXAMPLES; i++) {
    const { input } = validation.describe(Math.floor((i * count) / EXAMPLES));
    if (canRead(task, input) && !inputs.includes(input)) inputs.push(input);
  }
  return inputs;
}

function canRead(task: Task, input: string): boolean {
  try {
    task.codec.encode(input);
    return true;
  } catch (error) {
    if (error instanceof UnrolledError) return false;
    throw error;
  }
}

/** The beginning of a text's first line of words. */
function firstLine(text: string): string {
  return Array.from(/[\p{L}][^\n]{0,40}/u.exec(text)?.[0] ?? text.slice(0, 20)).join('');
}

function plain(metric: Metric): CardMetric {
  return { ...metric, value: Number.isFinite(metric.value) ? metric.value : null };
}
