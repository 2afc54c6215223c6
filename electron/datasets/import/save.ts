/** The second pass over a file: its rows, by what a person says of the columns, into a dataset's folder. */
import { InputError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import { countCharacters } from '../../../engine/tasks/language.ts';
import type { Mapping } from '../../api/data.ts';
import { cut, excerpt, Samples } from '../samples.ts';
import { dataPath, writeManifest, type Manifest } from '../stored.ts';
import type { Column } from './columns.ts';
import { Complaints } from './complaints.ts';
import { eachRow, FileReader } from './reader.ts';
import { writeSeries } from './save-series.ts';
import { writeTagged } from './save-tagged.ts';
import type { Pass, Scan } from './scan.ts';
import type { ImportSource } from './source.ts';
import { TextWriter } from './writer.ts';

/** Classes that texts may have. */
const MOST_LABELS = 1000;
/** Characters that a text needs, so that a tenth of it is two to validate on. */
const LEAST_CHARACTERS = 20;

export interface Saving {
  readonly source: ImportSource;
  readonly scan: Scan;
  readonly mapping: Mapping;
  /** Of the dataset. */
  readonly name: string;
  /** Of the dataset: there and empty. */
  readonly folder: string;
  readonly pass: Pass;
}

/** What a writer of one form has found when the file is at its end. */
export interface Written {
  readonly size: number;
  readonly samples: readonly Manifest['samples'][number][];
  /** Rows that had not what they need. */
  readonly leftOut: number;
  /** Sentences about the data. */
  readonly notices?: readonly string[];
  /** Lines that were written, where these are not `size`. */
  readonly rows?: number;
  readonly series?: Manifest['series'];
}

/** Writes the dataset's files. Throws InputError where the file does not have what the mapping says. */
export async function saveDataset(saving: Saving): Promise<Manifest> {
  const { source, scan, mapping, name, folder, pass } = saving;
  const columns = mappedColumns(scan, mapping, source.name);
  checkMappedColumns(mapping, source.name);
  const reader = await FileReader.open(source, scan.reading, new Complaints(), pass.signal);
  const writer = await TextWriter.create(dataPath(folder, mapping.form));
  try {
    const written = await writeForm(saving, columns, reader, writer);
    const notices = [...scan.complaints.notices, ...(written.notices ?? [])];
    const manifest = {
      name,
      form: mapping.form,
      origin: { title: name, source: originOf(source.name, mapping, written), licence: 'Not stated' },
      size: written.size,
      samples: [...written.samples],
      checksum: await writer.finish(),
      ...(written.rows === undefined ? {} : { rows: written.rows }),
      ...(written.series ? { series: written.series } : {}),
      ...(scan.reading.nfc === true && mapping.form !== 'series' ? { normalization: 'NFC' as const } : {}),
      ...(notices.length > 0 ? { notices } : {}),
    };
    writeManifest(folder, manifest);
    return { format: 'unrolled-dataset', version: 1, ...manifest };
  } finally {
    await writer.close();
  }
}

function writeForm(
  { mapping, pass, scan }: Saving,
  columns: readonly Column[],
  reader: FileReader,
  writer: TextWriter,
): Promise<Written> {
  const [first, second, third] = columns;
  switch (mapping.form) {
    case 'text':
      return first === undefined ? writeText(reader, writer, pass) : writeColumn(reader, writer, pass, first);
    case 'labelled':
      return writeTwo(reader, writer, pass, [first!, second!, third], MOST_LABELS);
    case 'pairs':
      return writeTwo(reader, writer, pass, [first!, second!, third], Infinity);
    case 'series':
      return writeSeries(reader, writer, scan.columns, mapping, pass);
    case 'tagged':
      return writeTagged(reader, writer, pass, columns);
  }
}

/** The columns in the order of the mapping's fields. */
export function mappedColumns(
  { columns, reading }: Pick<Scan, 'columns' | 'reading'>,
  mapping: Mapping,
  source: string,
): readonly Column[] {
  const names = columnsOf(mapping);
  if (reading.format === 'text' && (mapping.form !== 'text' || names.length > 0)) {
    throw new InputError(
      `${source} is read as a text, which has no columns`,
      'Read it as a table, or save it as a text.',
    );
  }
  if (reading.format !== 'text' && names.length === 0) {
    throw new InputError(`${source} is a table; say which of its columns holds the text`);
  }
  return names.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (!column) {
      const known = columns.map((candidate) => show(candidate.name)).join(', ');
      throw new InputError(`${source} has no column ${show(name)}; it has ${known}`);
    }
    return column;
  });
}

/** Throws InputError where one column stands for two parts of a mapping. */
export function checkMappedColumns(mapping: Mapping, source: string): void {
  const names = columnsOf(mapping);
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined) {
    throw new InputError(
      `${source}: the column ${show(twice)} is named for two parts; what is to be learned cannot be what it is learned from`,
      'Choose another column for one of them.',
    );
  }
}

function columnsOf(mapping: Mapping): readonly string[] {
  const given = (...names: readonly (string | undefined)[]) => names.filter((name) => name !== undefined);
  switch (mapping.form) {
    case 'text':
      return given(mapping.column);
    case 'labelled':
      return given(mapping.text, mapping.label, mapping.group);
    case 'series':
      return given(mapping.value, mapping.date, mapping.id);
    case 'pairs':
      return given(mapping.source, mapping.target, mapping.group);
    case 'tagged':
      return given(mapping.token, mapping.tag, mapping.sentence);
  }
}

function originOf(source: string, mapping: Mapping, { leftOut }: Written): string {
  const names = columnsOf(mapping).map((name) => `“${name}”`);
  const columns = names.length === 0 ? '' : `, ${names.length === 1 ? 'column' : 'columns'} ${names.join(' and ')}`;
  const rows = leftOut === 1 ? '1 row was' : `${leftOut.toLocaleString('en')} rows were`;
  return `Imported from ${source}${columns}.${leftOut > 0 ? ` ${rows} left out, because a field was empty or not right.` : ''}`;
}

async function writeText(reader: FileReader, writer: TextWriter, pass: Pass): Promise<Written> {
  const samples = new Samples();
  let size = 0;
  for await (const text of reader.texts()) {
    size += countCharacters(text);
    // Three of each piece: a short file has one alone.
    for (const share of [0.2, 0.5, 0.8]) samples.offer(() => excerpt(text, Math.floor(text.length * share)));
    await writer.write(text);
    pass.progress(reader.bytes, size);
  }
  return textWritten(reader, size, samples, 0);
}

async function writeColumn(reader: FileReader, writer: TextWriter, pass: Pass, column: Column): Promise<Written> {
  const samples = new Samples();
  let size = 0;
  let leftOut = 0;
  await eachRow(reader, [column], pass, async ([field = '']) => {
    if (field.trim() === '') {
      leftOut++;
      return;
    }
    size += countCharacters(field) + 1;
    samples.offer(() => ({ input: cut(field) }));
    await writer.write(`${field.replaceAll('\r\n', '\n')}\n`);
  });
  return textWritten(reader, size, samples, leftOut);
}

function textWritten(reader: FileReader, size: number, { kept }: Samples, leftOut: number): Written {
  if (size < LEAST_CHARACTERS) {
    throw new InputError(
      `${reader.source.name} has ${size} characters of text; at least ${LEAST_CHARACTERS} are needed`,
    );
  }
  return { size, samples: kept.filter(({ input }) => input !== ''), leftOut };
}

/** Rows of two texts and their group, of which the second takes at most `mostDifferent` values. */
async function writeTwo(
  reader: FileReader,
  writer: TextWriter,
  pass: Pass,
  [first, second, group]: readonly [Column, Column, Column | undefined],
  mostDifferent: number,
): Promise<Written> {
  const samples = new Samples();
  const different = new Set<string>();
  let size = 0;
  let leftOut = 0;
  await eachRow(reader, group ? [first, second, group] : [first, second], pass, async (fields, line) => {
    const [input = '', target = '', inGroup = ''] = fields.map((field) => field.trim());
    if (input === '' || target === '') {
      leftOut++;
      return;
    }
    if (mostDifferent < Infinity) different.add(target);
    if (different.size > mostDifferent) {
      throw new InputError(
        `${reader.source.name}, line ${line}: the column ${show(second.name)} has more than ` +
          `${mostDifferent.toLocaleString('en')} different labels`,
        'Choose a column that sorts the texts into fewer classes.',
      );
    }
    size++;
    samples.offer(() => ({ input: cut(input), target: cut(target) }));
    await writer.write(`${JSON.stringify(inGroup === '' ? [input, target] : [input, target, inGroup])}\n`);
  });
  if (size < 2) {
    const columns = `${show(first.name)} and ${show(second.name)}`;
    throw new InputError(`${reader.source.name} has ${size} rows with both ${columns}; at least 2 are needed`);
  }
  return { size, samples: samples.kept, leftOut };
}
