/** Numbers as people write them in tables. */

/** What stands between whole part and fraction. */
export type Notation = 'point' | 'comma';

export interface NumberReading {
  readonly value: number;
  /** A currency, "%" or a unit of measurement; '' where there is none. */
  readonly unit: string;
}

const SPACE = String.raw` \u00a0\u2009\u202f`;
const APOSTROPHE = String.raw`'’ʼ`;
const FORMS: Readonly<Record<Notation, RegExp>> = {
  point: new RegExp(
    String.raw`^[+-]?(?:\d+\.?\d*|\.\d+|` +
      // A group's first digit is no 0; in India, only the last group has three digits.
      String.raw`[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?|[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?|` +
      String.raw`[1-9]\d{0,2}(?:[${SPACE}]\d{3})+(?:\.\d*)?|[1-9]\d{0,2}(?:[${APOSTROPHE}_]\d{3})+(?:\.\d*)?)(?:e[+-]?\d+)?$`,
    'i',
  ),
  comma: new RegExp(
    String.raw`^[+-]?(?:\d+(?:,\d*)?|,\d+|` +
      String.raw`[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?|[1-9]\d{0,2}(?:[${SPACE}]\d{3})+(?:,\d*)?|` +
      String.raw`[1-9]\d{0,2}(?:[${APOSTROPHE}_]\d{3})+(?:,\d*)?)(?:e[+-]?\d+)?$`,
    'i',
  ),
};
const GROUPING: Readonly<Record<Notation, RegExp>> = {
  point: new RegExp(`[,${SPACE}${APOSTROPHE}_]`, 'g'),
  comma: new RegExp(`[.${SPACE}${APOSTROPHE}_]`, 'g'),
};

/** Longer ones are no numbers that anybody wrote. */
const MOST_CHARACTERS = 40;

const MISSING: ReadonlySet<string> = new Set([
  '',
  'na',
  'n/a',
  '#n/a',
  'n.a.',
  'n. a.',
  'k.a.',
  'nan',
  '<na>',
  'null',
  'nil',
  'none',
  'missing',
  '-',
  '--',
  '---',
  '–',
  '—',
  '?',
  '.',
  '..',
  '...',
  '…',
  '\\n',
  '#value!',
  '#div/0!',
  '#ref!',
  '#num!',
]);

/** Currencies that stand before or behind a number. */
const CURRENCY = String.raw`(?:[A-Z]{1,2})?\p{Sc}|USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|RUB|BRL|PLN|CZK|HUF|SEK|NOK|DKK|TRY|KRW|AUD|CAD|MXN|ZAR|R\$|Rs\.?|kr\.?|zł|Kč|Ft|руб\.?|р\.|грн\.?|лв\.?|Fr\.?`;
/** Of measurement: one short word, "km/h", "°C", "%". */
const UNIT = String.raw`%|‰|[\p{L}µΩ°℃℉][\p{L}µΩ°%/·.]{0,8}[²³23]?`;
const DECORATED = new RegExp(
  String.raw`^(\()?([+-])?\s*(?:(${CURRENCY})\s*)?([+-])?\s*([\d.,](?:[\d.,${SPACE}${APOSTROPHE}_]*[\d.,])?(?:e[+-]?\d+)?)\s*(-)?\s*(?:(${CURRENCY}|${UNIT})\s*)?(-)?(\))?$`,
  'iu',
);
const MINUS = /[\u2010-\u2015\u2212\ufe63\uff0d]/g;
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\uff10-\uff19]/g;

/** Whether a field says that there is no value. */
export function isMissing(value: string): boolean {
  return value.length <= 8 && MISSING.has(value.trim().toLowerCase());
}

/** The number that a field holds, white space around it aside; NaN where it holds none. A unit is left aside. */
export function readNumber(field: string, notation: Notation): number {
  return readQuantity(field, notation)?.value ?? NaN;
}

/** The number that a field holds and its unit; undefined where it holds none. */
export function readQuantity(field: string, notation: Notation): NumberReading | undefined {
  if (field.length > MOST_CHARACTERS) return undefined;
  const text = field.trim();
  const plain = plainNumber(text, notation);
  if (!Number.isNaN(plain)) return { value: plain, unit: '' };
  // Nothing of what follows helps a field without a digit.
  if (!/\p{Nd}/u.test(text)) return undefined;
  const groups = DECORATED.exec(text.replace(MINUS, '-').replace(OTHER_DIGITS, asciiDigit));
  if (!groups) return undefined;
  const [, open, sign, before, inner, digits = '', trailing, unit, last, close] = groups;
  const signs = [sign, inner, trailing, last].filter((one) => one !== undefined);
  if (signs.length > 1 || (open === undefined) !== (close === undefined)) return undefined;
  if (before !== undefined && unit !== undefined && before !== unit) return undefined;
  const value = plainNumber(digits, notation);
  if (Number.isNaN(value)) return undefined;
  const negative = signs[0] === '-' || (open !== undefined && signs.length === 0);
  return { value: negative ? -value : value, unit: before ?? unit ?? '' };
}

/** A number without currency, unit or odd signs. */
function plainNumber(value: string, notation: Notation): number {
  const first = value.charCodeAt(0);
  // Digits, signs, point and comma: nothing else begins a number.
  if (!(first <= 0x39) || !FORMS[notation].test(value)) return NaN;
  const plain = value.replace(GROUPING[notation], '');
  const number = Number(notation === 'comma' ? plain.replace(',', '.') : plain);
  return Number.isFinite(number) ? number : NaN;
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = ZEROS.find((first) => code >= first && code < first + 10) ?? code;
  return String(code - zero);
}

/** What prefixes of a thousand, and of thousands, multiply by. */
const SCALES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  m: 1e6,
  mn: 1e6,
  Mio: 1e6,
  'Mio.': 1e6,
  B: 1e9,
  b: 1e9,
  bn: 1e9,
  Mrd: 1e9,
  'Mrd.': 1e9,
  T: 1e12,
};

/** What a column's units are: one and the same (`unit`), prefixes that scale its numbers, or a mixture. */
export function unitsOf(units: Iterable<string>): { readonly unit: string } | 'scales' | 'mixed' {
  const different = [...new Set(units)].filter((unit) => unit !== '');
  if (different.length <= 1) return { unit: different[0] ?? '' };
  return different.every((unit) => Object.hasOwn(SCALES, unit)) ? 'scales' : 'mixed';
}

export function scaleOf(unit: string): number {
  return SCALES[unit] ?? 1;
}
