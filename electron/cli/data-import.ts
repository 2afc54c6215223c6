/** A file into a workspace's dataset, at the command line. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { INTERVALS } from '../../engine/tasks/data.ts';
import { GAP_METHODS } from '../../engine/tasks/gaps.ts';
import type { DatasetInfo, ImportCheck, ImportPreview, Mapping, ReadingAs } from '../api/data.ts';
import { DATE_ORDERS, DUPLICATE_METHODS, FORMATS, QUOTE_MODES, TEXT_ENCODINGS } from '../api/import-options.ts';
import { DELIMITER_NAMES, MAPPING_FLAGS } from '../datasets/import/command-line.ts';
import { createDatasetService } from '../datasets/service.ts';
import { describeOwn } from '../datasets/describe.ts';
import { readManifest } from '../datasets/stored.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { UsageError, type Flags, type FlagValues } from './flags.ts';

const FORMS = Object.keys(MAPPING_FLAGS) as [Mapping['form'], ...Mapping['form'][]];
const column = (description: string) => ({ type: 'text', value: 'COLUMN', description }) as const;

/** What the app's dialog asks, a flag each. What is not given is found in the file. */
export const importFlags = {
  as: { type: 'choice', choices: FORMS, description: 'What the file is to be' },
  column: column('Of a text: the column that holds it'),
  text: column('Of labelled texts: the text'),
  label: column('Of labelled texts: the class'),
  group: column('Of labelled texts and pairs: rows of one value stay on one side of the division'),
  value: column('Of a series: the value'),
  date: column('Of a series: the date'),
  id: column('Of a series: what tells several series of the file apart'),
  series: { type: 'text', value: 'VALUE', description: 'Of a series: the value of --id whose rows are taken' },
  interval: { type: 'choice', choices: INTERVALS, description: 'Of a series: from one value to the next' },
  duplicates: {
    type: 'choice',
    choices: DUPLICATE_METHODS,
    description: 'Of a series: which of several values of a date',
  },
  gaps: { type: 'choice', choices: GAP_METHODS, description: 'Of a series: what stands for missing values' },
  source: column('Of pairs: the text that is read'),
  target: column('Of pairs: the text that it is to become'),
  token: column('Of tagged text: the token'),
  tag: column('Of tagged text: its tag'),
  sentence: column('Of tagged text: what changes from sentence to sentence'),
  format: { type: 'choice', choices: FORMATS, description: 'How the file is written' },
  encoding: { type: 'choice', choices: TEXT_ENCODINGS, description: 'Its encoding' },
  delimiter: {
    type: 'choice',
    choices: Object.keys(DELIMITER_NAMES),
    description: 'What is between the fields of a row',
  },
  header: { type: 'switch', description: 'The first row names the columns; --no-header: it is data' },
  quotes: {
    type: 'choice',
    choices: QUOTE_MODES,
    description: 'Quotation marks: around fields where they can be, always, or plain characters',
  },
  skip: { type: 'integer', minimum: 0, maximum: 1_000_000, description: 'Lines before the table' },
  comment: { type: 'text', value: 'PREFIX', description: 'What lines that are comments begin with' },
  comments: { type: 'switch', description: '--no-comments: no line is a comment' },
  'date-order': { type: 'choice', choices: DATE_ORDERS, description: 'Of dates that are made of numbers' },
  nfc: { type: 'switch', description: 'Compose letters and their marks (Unicode NFC); --no-nfc: leave them' },
} as const satisfies Flags;

export type ImportValues = FlagValues<typeof importFlags>;

export interface ImportedFile {
  readonly dataset: DatasetInfo;
  readonly preview: ImportPreview;
  readonly mapping: Mapping;
  readonly check: ImportCheck;
}

/** Imports a file. A dataset of the workspace that is the same to the last byte is taken in place of a new one. */
export async function importFile(
  workspace: Workspace,
  file: string,
  values: ImportValues,
  name: string | undefined,
): Promise<ImportedFile> {
  const service = createDatasetService(
    workspace,
    () => undefined,
    () => Promise.resolve([]),
  );
  const { datasets } = service;
  try {
    const { import: id } = await datasets.importFile({ path: absolute(file) });
    const as = readingFrom(values);
    const preview = await datasets.importPreview({ import: id, as });
    const mapping = mappingFrom(values, preview, file);
    const named = name ?? preview.name;
    const check = await datasets.importCheck({ import: id, mapping, name });
    if (check.problem) {
      // The same that saving would say, and what saving does not know: that nothing could be trained.
      throw new InputError(`${file}: ${check.problem.message}`, check.problem.hint);
    }
    const dataset = await datasets.importSave({ import: id, name: named, mapping });
    return { dataset: reused(workspace, dataset), preview, mapping, check };
  } finally {
    await service.close();
  }
}

/** The older one of two datasets that are equal; the newer one is removed. */
function reused(workspace: Workspace, dataset: DatasetInfo): DatasetInfo {
  const { folder } = workspace.datasets;
  const manifest = (id: string) => {
    try {
      return readManifest(join(folder, id), id);
    } catch {
      return undefined;
    }
  };
  const made = manifest(dataset.id);
  for (const { id, name } of workspace.datasets.list()) {
    const other = id === dataset.id ? undefined : manifest(id);
    if (!made || !other || other.checksum !== made.checksum || other.name !== made.name) continue;
    if (JSON.stringify(other.series) !== JSON.stringify(made.series) || other.form !== made.form) continue;
    workspace.datasets.remove(dataset.id);
    return describeOwn(id, name, other);
  }
  return dataset;
}

function absolute(file: string): string {
  const path = resolve(file.startsWith('~/') ? join(homedir(), file.slice(1)) : file);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new InputError(`${file} is a folder`);
  return path;
}

function readingFrom(values: ImportValues): ReadingAs {
  const { format, encoding, delimiter, header, quotes, skip, comment, comments, 'date-order': dateOrder, nfc } = values;
  const delimiters: Readonly<Record<string, (typeof DELIMITER_NAMES)[keyof typeof DELIMITER_NAMES]>> = DELIMITER_NAMES;
  return {
    ...(format === undefined ? {} : { format }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter: delimiters[delimiter] }),
    ...(header === undefined ? {} : { header }),
    ...(quotes === undefined ? {} : { quotes }),
    ...(skip === undefined ? {} : { skip }),
    ...(comment === undefined ? {} : { comment }),
    ...(comments === false ? { comment: null } : {}),
    ...(dateOrder === undefined ? {} : { dateOrder }),
    ...(nfc === undefined ? {} : { nfc }),
  };
}

/** The first suggestion that has the form and the columns that are given, with these in it. */
function mappingFrom(values: ImportValues, { suggestions, columns, notices }: ImportPreview, file: string): Mapping {
  const given: Record<string, string> = {};
  for (const flag of new Set(Object.values(MAPPING_FLAGS).flat())) {
    const value = values[flag];
    if (value !== undefined) given[flag] = value;
  }
  const form = values.as ?? formOf(Object.keys(given));
  for (const [flag, value] of Object.entries(given)) {
    const isColumn = !['series', 'interval', 'duplicates', 'gaps'].includes(flag);
    if (isColumn && !columns.some(({ name }) => name === value)) {
      const known = columns.map(({ name }) => JSON.stringify(name)).join(', ');
      throw new InputError(`--${flag} is ${JSON.stringify(value)}; ${file} has no such column; it has ${known}`);
    }
    if (form !== undefined && !(MAPPING_FLAGS[form] as readonly string[]).includes(flag)) {
      throw new UsageError(`--${flag} does not go with --as ${form}; it takes ${flagList(form)}`);
    }
  }
  const suggested = suggestions.find((mapping) => form === undefined || mapping.form === form);
  const wanted = form ?? suggested?.form;
  if (wanted === undefined) {
    const found = columns.map(({ name, type }) => `${JSON.stringify(name)} (${type})`).join(', ');
    throw new InputError(
      `${file}: nothing that can be trained on was found in it${columns.length > 0 ? `; its columns are ${found}` : ''}. ${notices.join(' ')}`.trim(),
      'Say what it is with --as and the columns, or how it is written with --format, --delimiter, --encoding or --skip.',
    );
  }
  const base: Readonly<Record<string, unknown>> = suggested ?? {};
  // Another series column than the suggested one: its own value is not known.
  const isOther = given['id'] !== undefined && given['id'] !== base['id'];
  const { series: _, ...others } = base;
  const mapping: Record<string, unknown> = { ...(isOther ? others : base), form: wanted, ...given };
  const required: Readonly<Record<Mapping['form'], readonly string[]>> = {
    text: columns.length > 0 ? ['column'] : [],
    labelled: ['text', 'label'],
    series: ['value'],
    pairs: ['source', 'target'],
    tagged: ['token', 'tag'],
  };
  const missing = required[wanted].filter((part) => mapping[part] === undefined);
  if (missing.length > 0) {
    throw new InputError(
      `${file}: say which column is what with ${missing.map((part) => `--${part} COLUMN`).join(' ')}; ` +
        `it has ${columns.map(({ name }) => JSON.stringify(name)).join(', ')}`,
    );
  }
  if (mapping['id'] !== undefined && mapping['series'] === undefined) {
    const known = columns.find(({ name }) => name === mapping['id'])?.values ?? [];
    if (known.length === 0) throw new InputError(`${file}: say whose rows are taken with --series VALUE`);
    mapping['series'] = known[0];
  }
  return mapping as Mapping;
}

/** The one form that takes all of these flags; undefined where several do. */
function formOf(flags: readonly string[]): Mapping['form'] | undefined {
  if (flags.length === 0) return undefined;
  const fitting = FORMS.filter((form) =>
    flags.every((flag) => (MAPPING_FLAGS[form] as readonly string[]).includes(flag)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function flagList(form: Mapping['form']): string {
  return MAPPING_FLAGS[form].map((flag) => `--${flag}`).join(', ');
}
