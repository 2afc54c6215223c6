/** What the columns of a file can stand for. */
import type { ImportPreview, Mapping } from '../../../electron/api/data.ts';

export const FORMS = ['text', 'labelled', 'series', 'pairs'] as const satisfies readonly Mapping['form'][];
export type Form = (typeof FORMS)[number];

/** The parts of each form, in the order they are asked for; those marked may be left open. */
export const PARTS = {
  text: [{ name: 'column', optional: true }],
  labelled: [
    { name: 'text', optional: false },
    { name: 'label', optional: false },
  ],
  series: [
    { name: 'value', optional: false },
    { name: 'date', optional: true },
  ],
  pairs: [
    { name: 'source', optional: false },
    { name: 'target', optional: false },
  ],
} as const satisfies Record<Form, readonly { readonly name: string; readonly optional: boolean }[]>;

/** The column that a part is; undefined where it is left open. */
export function columnOf(mapping: Mapping, part: string): string | undefined {
  const column = (mapping as Readonly<Record<string, unknown>>)[part];
  return typeof column === 'string' ? column : undefined;
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
  }
}
