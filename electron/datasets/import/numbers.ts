/** Numbers as people write them in tables. */

/** What stands between whole part and fraction. */
export type Notation = 'point' | 'comma';

const FORMS: Readonly<Record<Notation, RegExp>> = {
  point: /^[+-]?(?:\d+\.?\d*|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?)(?:e[+-]?\d+)?$/i,
  comma: /^[+-]?(?:\d+(?:,\d*)?|,\d+|\d{1,3}(?:[.'’\u00a0\u202f ]\d{3})+(?:,\d*)?)(?:e[+-]?\d+)?$/i,
};
const GROUPING: Readonly<Record<Notation, RegExp>> = { point: /,/g, comma: /[.'’\u00a0\u202f ]/g };

/** Longer ones are no numbers that anybody wrote. */
const MOST_CHARACTERS = 40;

const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-', '--', '?', '.']);

/** Whether a field says that there is no value. */
export function isMissing(value: string): boolean {
  return value.length <= 4 && MISSING.has(value.trim().toLowerCase());
}

/** The number that a field holds, white space around it aside; NaN where it holds none. */
export function readNumber(field: string, notation: Notation): number {
  const first = field.charCodeAt(0);
  // Digits, signs, point, comma and white space: nothing else begins a number.
  if (field.length > MOST_CHARACTERS || !(first <= 0x39 || first === 0xa0)) return NaN;
  const value = field.trim();
  if (!FORMS[notation].test(value)) return NaN;
  const plain = value.replace(GROUPING[notation], '');
  const number = Number(notation === 'comma' ? plain.replace(',', '.') : plain);
  return Number.isFinite(number) ? number : NaN;
}
