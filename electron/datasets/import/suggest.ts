/** Which column of a table is probably what. */
import type { Mapping } from '../../api/data.ts';
import { checkSample, judgePlan } from './check.ts';
import type { Column } from './columns.ts';
import { Complaints } from './complaints.ts';
import { ENTITY_TAG, SENTENCE } from './conll.ts';
import { readDate } from './dates.ts';
import { eachRow, FileReader } from './reader.ts';
import { SeriesGatherer, type SeriesMapping } from './save-series.ts';
import type { Pass, Scan } from './scan.ts';
import { planSeries } from './series-plan.ts';
import type { ImportSource } from './source.ts';

/** Different values that make a column of numbers worth a label. */
const MOST_NUMBERED_CLASSES = 20;
/** Suggestions of one kind. */
const MOST_SERIES = 4;
const MOST_LABELLED = 6;
/** Different series that a column may tell apart, and rows that each should have. */
const MOST_IDS = 5000;

type SuggestedScan = Pick<Scan, 'reading' | 'columns' | 'rows' | 'sample'>;

/**
 * Mappings that fit, best first: those alone that can be trained on. Complains where the file has what looks like data
 * but cannot be.
 */
export async function suggestMappings(
  source: ImportSource,
  scan: SuggestedScan,
  complaints: Complaints,
  pass: Pass,
): Promise<readonly Mapping[]> {
  const { reading } = scan;
  if (reading.format === 'text') return [{ form: 'text' }];
  const tagged = taggedMapping(scan);
  if (tagged) return keepTrainable(scan, [tagged], complaints);
  const { labelled, pairs, alone, hasText } = textMappings(scan);
  const constant = scan.columns.find(({ type, distinct }) => type === 'category' && distinct === 1);
  if (hasText && labelled.length === 0 && constant) {
    complaints.notice(
      `Every row has the value ${JSON.stringify(constant.examples[0] ?? '')} in the column ${JSON.stringify(constant.name)}: ` +
        'it is no class that could be learned.',
    );
  }
  const dated = await seriesMappings(source, scan, complaints, pass);
  const texts = [...(labelled.length > 0 ? [...labelled, ...pairs] : [...pairs, ...labelled]), ...alone];
  const kept = keepTrainable(scan, texts, complaints);
  const isDated = dated.some((mapping) => mapping.form === 'series' && mapping.date !== undefined);
  const textFirst = hasText && (labelled.length > 0 || !isDated);
  return textFirst ? [...kept, ...dated] : [...dated, ...kept];
}

function keepTrainable(
  scan: SuggestedScan,
  mappings: readonly Exclude<Mapping, { form: 'series' }>[],
  complaints: Complaints,
): readonly Mapping[] {
  return mappings.filter((mapping) => {
    const { problem } = checkSample(scan, mapping);
    if (problem && mapping.form === 'tagged') complaints.notice(sentence(problem.message));
    return problem === undefined;
  });
}

/** Of CoNLL files, and of tables with a column of the usual tags. */
function taggedMapping({ reading, columns }: SuggestedScan): Exclude<Mapping, { form: 'series' }> | undefined {
  const named = (pattern: RegExp) => columns.find(({ name }) => pattern.test(name))?.name;
  if (reading.format === 'conll') {
    const token = named(/^token$/) ?? columns[1]?.name ?? '';
    const tag = named(/^tag$/) ?? named(/^upos$/) ?? columns.at(-1)?.name ?? '';
    return { form: 'tagged', token, tag, sentence: SENTENCE };
  }
  const tags = columns.find(({ values }) => {
    return (
      values !== undefined &&
      values.length > 1 &&
      values.includes('O') &&
      values.every((value) => ENTITY_TAG.test(value))
    );
  });
  const token =
    named(/^(?:token|word|form|text)s?$/i) ??
    columns.find(({ name, type }) => name !== tags?.name && type === 'text')?.name;
  const sentenceColumn = named(/^sent(?:ence)?(?:[ _-]?(?:id|#|no|nr|number))?$/i) ?? named(/sentence/i);
  if (!tags || token === undefined || sentenceColumn === undefined) return undefined;
  return { form: 'tagged', token, tag: tags.name, sentence: sentenceColumn };
}

type TextMapping = Exclude<Mapping, { form: 'series' }>;

function textMappings({ columns, rows }: SuggestedScan): {
  readonly labelled: readonly TextMapping[];
  readonly pairs: readonly TextMapping[];
  readonly alone: readonly TextMapping[];
  readonly hasText: boolean;
} {
  const inOrder = columns.filter(({ type }) => type === 'text');
  const texts = inOrder.toSorted((a, b) => b.length - a.length);
  const labels = columns
    .filter((column) => (column.type === 'category' && column.distinct !== 1) || isNumberedClass(column, rows))
    .sort((a, b) => Number(b.type === 'category') - Number(a.type === 'category') || rank(a) - rank(b));
  const [text] = texts;
  const categories = labels.filter(({ type }) => type === 'category');
  const source = text ?? categories.toSorted((a, b) => (b.distinct ?? 0) - (a.distinct ?? 0))[0];
  const group = columns.find(({ name, type }) => GROUP_NAME.test(name) && type !== 'date' && name !== source?.name);
  const labelled = source
    ? labels
        .filter(({ name }) => name !== source.name && name !== group?.name)
        .slice(0, MOST_LABELLED)
        .map(({ name }): TextMapping => ({
          form: 'labelled',
          text: source.name,
          label: name,
          ...(group && (group.distinct ?? rows) < rows ? { group: group.name } : {}),
        }))
    : [];
  // A column that tells groups apart is a class where there is no other.
  if (source && labelled.length === 0 && group && labels.includes(group)) {
    labelled.push({ form: 'labelled', text: source.name, label: group.name });
  }
  const [first, second] = inOrder;
  return {
    labelled,
    pairs: first && second ? [{ form: 'pairs', source: first.name, target: second.name }] : [],
    alone: text ? [{ form: 'text', column: text.name }] : [],
    hasText: text !== undefined,
  };
}

/** What columns are called whose rows belong together. */
const GROUP_NAME =
  /^(?:patient|user|author|speaker|document|doc|subject|customer|person|participant|group)(?:[ _-]?(?:id|name|nr|no))?$/i;
/** What columns of classes are called. */
const LABEL_NAME =
  /^(?:label|class|category|target|sentiment|mood|intent|topic|genre|tag|y|spam|language|lang|sex|gender)$/i;

function rank({ name }: Column): number {
  return LABEL_NAME.test(name) ? 0 : 1;
}

function isNumberedClass({ type, distinct, layout, counts }: Column, rows: number): boolean {
  return (
    type === 'number' &&
    layout !== 'y' &&
    !counts &&
    distinct !== null &&
    distinct >= 2 &&
    distinct <= MOST_NUMBERED_CLASSES &&
    distinct * 4 <= rows
  );
}

/** The numbers of the rows, which say nothing. */
function isCounter({ counts, name, filled, distinct }: Column, rows: number): boolean {
  return (counts && (filled === rows || ID_NAME.test(name))) || (ID_NAME.test(name) && (distinct ?? rows) === rows);
}

const ID_NAME = /^(?:#|id|idx|index|nr|no|row|row[ _]?(?:id|nr|no|number)?)$|_id$/i;

/** Series of the columns of numbers, by the first column of dates; of one series where there are several. */
async function seriesMappings(
  source: ImportSource,
  scan: SuggestedScan,
  complaints: Complaints,
  pass: Pass,
): Promise<readonly Mapping[]> {
  const { columns, rows } = scan;
  const years = columns.filter(({ type, layout }) => type === 'number' && layout === 'y');
  const date = columns.find(({ type }) => type === 'date') ?? years[0];
  const numbers = columns.filter((column) => column.type === 'number' && column !== date);
  const values = numbers.filter((column) => !isCounter(column, rows));
  const candidates = (values.length > 0 || columns.length > 2 ? values : numbers).slice(0, MOST_SERIES);
  if (candidates.length === 0) return [];
  const id = date ? await idColumn(source, scan, date, candidates, pass) : undefined;
  const mappings = candidates.map(({ name }): SeriesMapping => ({
    form: 'series',
    value: name,
    ...(date ? { date: date.name } : {}),
    ...(id ? { id: id.column.name, series: id.series } : {}),
  }));
  if (id) {
    complaints.notice(
      `The file holds several series: a date occurs once for each ${JSON.stringify(id.column.name)}. ` +
        `One of them is taken, ${JSON.stringify(id.series)}; choose another one if you want.`,
    );
  }
  return gatherSeries(source, scan, mappings, complaints, pass);
}

/** Those of the mappings whose series can be trained on, in one pass over the file. */
async function gatherSeries(
  source: ImportSource,
  { reading, columns }: SuggestedScan,
  mappings: readonly SeriesMapping[],
  complaints: Complaints,
  pass: Pass,
): Promise<readonly Mapping[]> {
  const find = (name: string | undefined) => columns.find((column) => column.name === name);
  const gatherers = mappings.map(({ value, date, id, series }) => {
    return new SeriesGatherer(source.name, { value: find(value)!, date: find(date), id: find(id) }, series);
  });
  const all = [...new Set(gatherers.flatMap((gatherer) => gatherer.columns))];
  const places = gatherers.map((gatherer) => gatherer.columns.map((column) => all.indexOf(column)));
  const reader = await FileReader.open(source, reading, new Complaints(), pass.signal);
  await eachRow(reader, all, pass, (fields, line) => {
    gatherers.forEach((gatherer, n) => {
      gatherer.take(
        places[n]!.map((place) => fields[place] ?? ''),
        line,
      );
    });
  });
  return gatherers.flatMap((gatherer, n): readonly Mapping[] => {
    const mapping = mappings[n]!;
    try {
      const { rows, leftOut } = gatherer.finish();
      // Without a column that tells series apart, several values of one date become one.
      const needsMethod = rows.times !== undefined && !isPlannable(rows);
      const chosen: SeriesMapping = needsMethod ? { ...mapping, duplicates: 'mean' } : mapping;
      const { problem } = judgePlan(planSeries(rows, chosen), leftOut);
      if (problem) complaints.notice(`No series of ${JSON.stringify(mapping.value)} is suggested: ${problem.message}.`);
      return problem ? [] : [chosen];
    } catch (error) {
      complaints.notice(
        `No series of ${JSON.stringify(mapping.value)} is suggested: ${error instanceof Error ? error.message : String(error)}.`,
      );
      return [];
    }
  });
}

function isPlannable(rows: Parameters<typeof planSeries>[0]): boolean {
  try {
    planSeries(rows);
    return true;
  } catch {
    return false;
  }
}

interface IdColumn {
  readonly column: Column;
  /** Its most frequent value. */
  readonly series: string;
}

/** The column that tells several series of a file apart; undefined where each date occurs once. */
async function idColumn(
  source: ImportSource,
  { reading, columns, rows }: SuggestedScan,
  date: Column,
  values: readonly Column[],
  pass: Pass,
): Promise<IdColumn | undefined> {
  if (date.layout === undefined || date.distinct === rows) return undefined;
  const { layout } = date;
  const candidates = columns.filter((column) => {
    const { type, distinct } = column;
    const couldBe =
      type === 'category' ||
      type === 'text' ||
      (type === 'number' && !values.includes(column)) ||
      isNumberedClass(column, rows);
    return (
      couldBe && column !== date && distinct !== null && distinct > 1 && distinct <= MOST_IDS && distinct * 3 <= rows
    );
  });
  const dates = new Set<number>();
  let repeated = 0;
  const found = candidates.map(() => ({ keys: new Set<string>(), repeated: 0, counts: new Map<string, number>() }));
  const reader = await FileReader.open(source, reading, new Complaints(), pass.signal);
  await eachRow(reader, [date, ...candidates], pass, ([field = '', ...ids]) => {
    const time = readDate(field, layout);
    if (Number.isNaN(time)) return;
    if (dates.has(time)) repeated++;
    dates.add(time);
    ids.forEach((given, n) => {
      const id = given.trim();
      const { keys, counts } = found[n]!;
      const key = `${time} ${id}`;
      if (keys.has(key)) found[n]!.repeated++;
      else keys.add(key);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    });
  });
  // A few repeated dates are no second series.
  if (repeated < dates.size * 0.2) return undefined;
  const [best] = candidates
    .map((column, n) => ({ column, ...found[n]! }))
    .filter((one) => one.repeated < repeated * 0.5)
    .sort((a, b) => a.repeated - b.repeated || a.counts.size - b.counts.size);
  if (!best) return undefined;
  const [series = ''] = [...best.counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return { column: best.column, series };
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
