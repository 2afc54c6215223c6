/** What the columns of a file can stand for. */
import type { ImportPreview, Mapping } from '../../../electron/api/data.ts';

export const FORMS = ['text', 'labelled', 'series', 'pairs', 'tagged'] as const satisfies readonly Mapping['form'][];
export type Form = (typeof FORMS)[number];

/** The parts of each form, in the order they are asked for; those marked may be left open. */
export const PARTS = {
  text: [{ name: 'column', optional: true }],
  labelled: [
    { name: 'text', optional: false },
    { name: 'label', optional: false },
    { name: 'group', optional: true },
  ],
  series: [
    { name: 'value', optional: false },
    { name: 'date', optional: true },
    { name: 'id', optional: true },
  ],
  pairs: [
    { name: 'source', optional: false },
    { name: 'target', optional: false },
    { name: 'group', optional: true },
  ],
  tagged: [
    { name: 'token', optional: false },
    { name: 'tag', optional: false },
    { name: 'sentence', optional: true },
  ],
} as const satisfies Record<Form, readonly { readonly name: string; readonly optional: boolean }[]>;

/** The column that a part is; undefined where it is left open. */
export function columnOf(mapping: Mapping, part: string): string | undefined {
  const column = (mapping as Readonly<Record<string, unknown>>)[part];
  return typeof column === 'string' ? column : undefined;
}

/** The mapping with the column that tells series apart, and the first of them; or without both. */
export function withSeriesColumn(mapping: Mapping, column: ImportPreview['columns'][number] | undefined): Mapping {
  const { id: _id, series: _series, ...rest } = mapping as Readonly<Record<string, unknown>>;
  const first = column?.values?.[0];
  return (column === undefined || first === undefined ? rest : { ...rest, id: column.name, series: first }) as Mapping;
}

/** Columns by which several series of a file can be told apart. */
export function seriesColumns({ columns }: Pick<ImportPreview, 'columns'>): ImportPreview['columns'] {
  return columns.filter(({ values }) => values !== undefined && values.length > 0);
}

/** The mapping with a part given to a column, or left open. */
export function withColumn(mapping: Mapping, part: string, column: string | undefined): Mapping {
  const { [part]: _, ...rest } = mapping as Readonly<Record<string, unknown>>;
  return (column === undefined ? rest : { ...rest, [part]: column }) as Mapping;
}

/** How the file is read as a form: as was suggested, or with the first columns that are left. */
export function mappingFor(
  form: Form,
  { suggestions, columns }: Pick<ImportPreview, 'suggestions' | 'columns'>,
): Mapping {
  const suggested = suggestions.find((mapping) => mapping.form === form);
  if (suggested !== undefined) return suggested;
  const first = columns[0]?.name ?? '';
  const second = columns[1]?.name ?? first;
  switch (form) {
    case 'text':
      return columns.length > 0 ? { form, column: first } : { form };
    case 'labelled':
      return { form, text: first, label: second };
    case 'series': {
      const value = columns.find(({ type }) => type === 'number')?.name ?? first;
      const date = columns.find(({ type }) => type === 'date')?.name;
      return date === undefined ? { form, value } : { form, value, date };
    }
    case 'pairs':
      return { form, source: first, target: second };
    case 'tagged':
      return { form, token: first, tag: second };
  }
}
