import { FormatError } from '../../engine/errors.ts';

/**
 * Columns of a table whose fields have neither quotes nor commas in them: one list of fields a row, in the order of
 * `columns`. The first line names the columns. Throws FormatError naming line and column.
 */
export function readColumns(text: string, columns: readonly string[], source: string): readonly (readonly string[])[] {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') {
    lines.pop();
  }
  const header = (lines[0] ?? '').split(',');
  const places = columns.map((column) => {
    const place = header.indexOf(column);
    if (place < 0) {
      throw new FormatError(`${source}, line 1: the column "${column}" is missing; there are ${header.join(', ')}`);
    }
    return place;
  });
  return lines.slice(1).map((line, row) => {
    const fields = line.split(',');
    if (fields.length !== header.length) {
      throw new FormatError(`${source}, line ${row + 2}: ${fields.length} fields; there must be ${header.length}`);
    }
    return places.map((place) => fields[place]!);
  });
}

/** A field as a number. Throws FormatError naming its place. */
export function readNumberField(field: string, place: string): number {
  const value = field.trim() === '' ? NaN : Number(field);
  if (!Number.isFinite(value)) {
    throw new FormatError(`${place} is ${JSON.stringify(field)}; it must be a number`);
  }
  return value;
}
