/** Datasets as the face lists them. */
import { taskDefinitions } from '../../engine/tasks/registry.ts';
import type { DatasetInfo } from '../api/data.ts';
import { bundledDatasets, loadBundledDataset, type BundledDataset } from './bundled.ts';
import { samplesOf, sizeOf } from './samples.ts';
import type { Manifest } from './stored.ts';

/** What the size of a dataset counts. */
const SIZE_LABELS = {
  text: 'characters',
  labelled: 'texts',
  series: 'values',
  pairs: 'pairs',
  tagged: 'sentences',
  pronunciations: 'words',
  calendars: 'languages',
  spellout: 'languages',
} as const;

/** The datasets that come with the program. Reads them all the first time. */
export function describeBundled(): Promise<readonly DatasetInfo[]> {
  described ??= Promise.all(bundledDatasets.map(describe));
  return described;
}

let described: Promise<readonly DatasetInfo[]> | undefined;

export function describeOwn(id: string, name: string, manifest: Manifest): DatasetInfo {
  const { form, origin, size, samples, notices = [] } = manifest;
  return { id, name, form, bundled: false, origin, size, sizeLabel: SIZE_LABELS[form], samples, notices };
}

async function describe(id: BundledDataset): Promise<DatasetInfo> {
  const data = await loadBundledDataset(id);
  const definition = taskDefinitions.find(({ dataset }) => dataset === id);
  if (!definition) throw new Error(`No task is made from the dataset ${id}.`);
  const { origin } = definition;
  return {
    id,
    name: origin.title,
    form: data.form,
    bundled: true,
    origin,
    size: sizeOf(data),
    sizeLabel: SIZE_LABELS[data.form],
    samples: [...samplesOf(data)],
    notices: [],
  };
}
