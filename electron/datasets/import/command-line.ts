/** What imports a file at the command line as the app's dialog does. */
import type { Mapping, ReadingAs } from '../../api/data.ts';

export interface ImportRequest {
  /** As a person calls it. */
  readonly file: string;
  readonly reading: ReadingAs;
  readonly mapping: Mapping;
  /** Of the dataset. */
  readonly name?: string | undefined;
}

/** Flags of `data import` that say which column is what: the members of a mapping have the same names. */
export const MAPPING_FLAGS = {
  text: ['column'],
  labelled: ['text', 'label', 'group'],
  series: ['value', 'date', 'id', 'series', 'interval', 'duplicates', 'gaps'],
  pairs: ['source', 'target', 'group'],
  tagged: ['token', 'tag', 'sentence'],
} as const satisfies Record<Mapping['form'], readonly string[]>;

/** What delimiters are called as values of a flag. */
export const DELIMITER_NAMES = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;

export function importCommandLine({ file, reading, mapping, name }: ImportRequest): string {
  const words = ['unrolled', 'data', 'import', file, '--as', mapping.form];
  for (const flag of MAPPING_FLAGS[mapping.form]) {
    const value = (mapping as Readonly<Record<string, unknown>>)[flag];
    if (typeof value === 'string') words.push(...flagWords(flag, value));
  }
  const { format, encoding, delimiter, header, quotes, skip, comment, dateOrder, nfc } = reading;
  if (format !== undefined) words.push('--format', format);
  if (encoding !== undefined) words.push('--encoding', encoding);
  const delimiterName = Object.entries(DELIMITER_NAMES).find(([, character]) => character === delimiter)?.[0];
  if (delimiterName !== undefined) words.push('--delimiter', delimiterName);
  if (header !== undefined) words.push(header ? '--header' : '--no-header');
  if (quotes !== undefined) words.push('--quotes', quotes);
  if (skip !== undefined) words.push('--skip', String(skip));
  if (comment !== undefined) words.push(...(comment === null ? ['--no-comments'] : flagWords('comment', comment)));
  if (dateOrder !== undefined) words.push('--date-order', dateOrder);
  if (nfc !== undefined) words.push(nfc ? '--nfc' : '--no-nfc');
  if (name !== undefined && name !== '') words.push(...flagWords('name', name));
  return words.map(quoted).join(' ');
}

/** A value that begins like a flag is joined to its own. */
function flagWords(flag: string, value: string): readonly string[] {
  return value.startsWith('-') ? [`--${flag}=${value}`] : [`--${flag}`, value];
}

/** As a shell of POSIX takes it for one word. */
export function quoted(word: string): string {
  return /^[\p{L}\p{N}_./:=,@%+-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
