/** Dates as people write them in tables. */
import { DATE_ORDERS } from '../../api/import-options.ts';
import { namedDay, namedMonth } from './month-names.ts';

/**
 * What stands where: year, month, day; M for the month's name; '2' for years of two digits. 'y' is a year alone,
 * 'compact' 20261231, 'compactMonth' 202612. Unix times count from 1970, in seconds or in parts of them.
 */
export type DateLayout = (typeof LAYOUTS)[number];

export const LAYOUTS = [
  'ymd',
  'dmy',
  'mdy',
  'dmy2',
  'mdy2',
  'ymd2',
  'compact',
  'dMy',
  'Mdy',
  'yMd',
  'ym',
  'my',
  'My',
  'yM',
  'compactMonth',
  'quarter',
  'week',
  'y',
  'unix',
  'unixMilli',
  'unixMicro',
  'unixNano',
] as const;

/** The order of day, month and year in dates made of numbers. */
export type DateOrder = (typeof DATE_ORDERS)[number];

/** The order that a layout of numbers has; undefined for the others, which cannot be mistaken. */
export function orderOf(layout: DateLayout): DateOrder | undefined {
  const order = layout.replace(/2$/, '');
  return DATE_ORDERS.find((known) => known === order);
}

/** Layouts whose fields are numbers too: only a column as a whole tells whether they are dates. */
export const NUMERIC_LAYOUTS: ReadonlySet<DateLayout> = new Set([
  'compactMonth',
  'y',
  'unix',
  'unixMilli',
  'unixMicro',
  'unixNano',
]);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Years of two digits from this one on are of the 20th century, as POSIX has it. */
const PIVOT = 69;
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LONGEST = 80;

/** Hours that abbreviations of time zones are ahead of UTC. Those with several meanings have the most common one. */
const ZONES: Readonly<Record<string, number>> = {
  Z: 0,
  UT: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  MEZ: 1,
  CEST: 2,
  MESZ: 2,
  EET: 2,
  SAST: 2,
  EEST: 3,
  MSK: 3,
  TRT: 3,
  IST: 5.5,
  ICT: 7,
  WIB: 7,
  AWST: 8,
  HKT: 8,
  SGT: 8,
  JST: 9,
  KST: 9,
  ACST: 9.5,
  AEST: 10,
  ACDT: 10.5,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  BRT: -3,
  ART: -3,
  ADT: -3,
  AST: -4,
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
  AKDT: -8,
  AKST: -9,
  HST: -10,
};

const SEPARATOR = String.raw`\s?[-/.年년]\s?`;
const NAME = String.raw`(\p{L}[\p{L}\p{M}]*)`;
const BETWEEN = String.raw`[.,]?[\s/-]*(?:de\s+|of\s+)?`;
const YEAR = String.raw`(\d{4}|'?\d{2})`;

interface Form {
  /** Its groups are the parts in this order. */
  readonly pattern: RegExp;
  readonly parts: string;
}

/** The date without its time. */
const FORMS: Readonly<Partial<Record<DateLayout, readonly Form[]>>> = {
  ymd: [form('ymd', String.raw`(\d{4})${SEPARATOR}(\d{1,2})\s?[-/.月월]\s?(\d{1,2})\s?[.日일]?`)],
  dmy: [form('dmy', String.raw`(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})\.?`)],
  mdy: [form('mdy', String.raw`(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})\.?`)],
  dmy2: [form('dmy', String.raw`(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?('?\d{2})`)],
  mdy2: [form('mdy', String.raw`(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?('?\d{2})`)],
  ymd2: [form('ymd', String.raw`('?\d{2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})`)],
  dMy: [form('dMy', String.raw`(\d{1,2})(?:\.|st|nd|rd|th|er|º)?[\s/-]*(?:de\s+|of\s+)?${NAME}${BETWEEN}${YEAR}\.?`)],
  Mdy: [form('Mdy', String.raw`${NAME}\.?[\s/-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s/-]+${YEAR}`)],
  yMd: [form('yMd', String.raw`(\d{4})\.?[\s/-]+${NAME}\.?[\s/-]+(\d{1,2})\.?`)],
  ym: [
    form('ym', String.raw`(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[月월]?`),
    form('ym', String.raw`(\d{4})[\s-]?M(\d{1,2})`),
  ],
  my: [form('my', String.raw`(\d{1,2})\s?[-/.]\s?(\d{4})`)],
  My: [form('My', String.raw`${NAME}${BETWEEN}${YEAR}`)],
  yM: [form('yM', String.raw`(\d{4})\.?[\s/-]+${NAME}\.?`)],
  quarter: [
    form('yq', String.raw`(\d{4})[\s/:.-]*[QT]([1-4])`),
    form('qy', String.raw`[QT]([1-4])[\s/,.-]*${YEAR}`),
    form('qy', String.raw`([1-4])[\s.]*[QT][\s/,.-]*${YEAR}`),
  ],
  week: [
    form('yw', String.raw`(\d{4})[\s-]*W(?:eek)?\s*(\d{1,2})(?:-?([1-7]))?`),
    form('wy', String.raw`(?:W|KW|CW|week|wk)\.?\s*(\d{1,2})[\s/,-]+(\d{4})`),
  ],
  y: [form('y', String.raw`(\d{4})`)],
};

const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:[T_ ]?(\d{2})(\d{2})(?:(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;
const COMPACT_MONTH = /^(\d{4})(\d{2})$/;

/** Digits of Unix times between 1975 and 2100, and how many of them make a millisecond. */
const UNIX: Readonly<Partial<Record<DateLayout, { readonly pattern: RegExp; readonly perMillisecond: number }>>> = {
  unix: { pattern: /^\d{9,10}(?:\.\d+)?$/, perMillisecond: 1e-3 },
  unixMilli: { pattern: /^\d{12,13}(?:\.\d+)?$/, perMillisecond: 1 },
  unixMicro: { pattern: /^\d{15,16}$/, perMillisecond: 1e3 },
  unixNano: { pattern: /^\d{18,19}$/, perMillisecond: 1e6 },
};
const UNIX_FROM = Date.UTC(1975, 0, 1);
const UNIX_TO = Date.UTC(2100, 0, 1);

const TIME =
  /^(.*?[\p{L}\d.,'日일])(?:T|\s*[T,;·]\s*|\s+at\s+|\s+-\s+|\s+|:(?=\d{2}:))(\d{1,2})(?:[:.h時](\d{2})分?(?:[:.](\d{2})(?:[.,](\d+))?)?|h|)\s*([ap]\.?\s?m\.?)?(?:\s*(?:Uhr|hrs|h))?\s*(Z|[A-Z]{2,4}|(?:UTC|GMT)?\s?[+\u2212-]\d{1,2}(?::?\d{2})?)?$/iu;
/** "Sun Jan  1 00:00:00 UTC 2023" */
const TIME_BEFORE_YEAR =
  /^(\p{L}+\.?\s+\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s+([A-Z]{2,4}|[+-]\d{4}))?\s+(\d{4})$/u;
const TIME_FIRST = /^(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?),?\s+(\S.*)$/i;
const DATE_ONLY = /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$/;

/** A field in one of the layouts in which it is a date. */
export interface DateReading {
  readonly layout: DateLayout;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The readings of a field in these layouts; none where it is no date. */
export function datesOf(field: string, layouts: readonly DateLayout[] = LAYOUTS): readonly DateReading[] {
  const parts = splitTime(field);
  if (parts === undefined) return [];
  const readings: DateReading[] = [];
  for (const layout of layouts) {
    const time = timeIn(parts, layout);
    if (!Number.isNaN(time)) readings.push({ layout, time });
  }
  return readings;
}

/** Milliseconds since 1970, UTC where no zone is given; NaN where the field is no date in this layout. */
export function readDate(field: string, layout: DateLayout): number {
  const parts = splitTime(field);
  return parts === undefined ? NaN : timeIn(parts, layout);
}

interface Parts {
  readonly whole: string;
  readonly date: string;
  /** Milliseconds after midnight, the zone's offset taken off; NaN where there is no such time. */
  readonly clock: number;
}

/** A field's date and time of day; undefined where it cannot be a date. */
function splitTime(field: string): Parts | undefined {
  let text = field.trim();
  if (text.length > LONGEST || text.length < 4 || !/\d/.test(text)) return undefined;
  if (DATE_ONLY.test(text)) return { whole: text, date: text, clock: 0 };
  const whole = text;
  // A zone's name after its offset: "+01:00[Europe/Berlin]", "GMT+0100 (CET)".
  if (text.endsWith(']') || text.endsWith(')')) text = text.replace(/\s*(?:\[[\w/+-]+\]|\([^()]*\))$/, '');
  const weekday = /^(\p{L}[\p{L}\p{M}-]*)\.?(?:,\s*|\s+)(?=\S)/u.exec(text);
  if (weekday && namedDay(weekday[1]!)) text = text.slice(weekday[0].length);
  const beforeYear = TIME_BEFORE_YEAR.exec(text);
  if (beforeYear) text = `${beforeYear[1]!} ${beforeYear[4]!} ${beforeYear[2]!} ${beforeYear[3] ?? ''}`.trim();
  const first = TIME_FIRST.exec(text);
  if (first) text = `${first[2]!} ${first[1]!}`;
  const groups = TIME.exec(text);
  if (!groups) return { whole, date: text, clock: 0 };
  const [, date = '', hour = '', minute, second = '0', fraction = '', half, zone] = groups;
  // A number behind a date is an hour only where it cannot be a part of the date.
  if (minute === undefined && half === undefined && !DATE_ONLY.test(date)) return { whole, date: text, clock: 0 };
  return { whole, date, clock: clockOf(hour, minute ?? '0', second, fraction, half) - offsetOf(zone) };
}

function clockOf(hour: string, minute: string, second: string, fraction: string, half: string | undefined): number {
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours > 12) return NaN;
    hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  // A leap second counts as the one after it.
  if (hours > 23 || Number(minute) > 59 || Number(second) > 60) return NaN;
  const milliseconds = fraction === '' ? 0 : Number(`0.${fraction}`) * SECOND;
  return hours * HOUR + Number(minute) * MINUTE + Number(second) * SECOND + milliseconds;
}

/** Milliseconds that a zone ("+01:00", "EST") is ahead of UTC; NaN where there is no such zone. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined) return 0;
  const [, sign, hours, minutes] = /^(?:UTC|GMT)?\s?([+\u2212-])(\d{1,2}):?(\d{2})?$/i.exec(zone) ?? [];
  if (sign === undefined) return (ZONES[zone.toUpperCase()] ?? NaN) * HOUR;
  const offset = Number(hours) * HOUR + Number(minutes ?? 0) * MINUTE;
  return sign === '+' ? offset : -offset;
}

function timeIn({ whole, date, clock }: Parts, layout: DateLayout): number {
  const unix = UNIX[layout];
  if (unix) {
    const time = unix.pattern.test(whole) ? Number(whole) / unix.perMillisecond : NaN;
    return time >= UNIX_FROM && time < UNIX_TO ? time : NaN;
  }
  if (layout === 'compact') return compactTime(whole);
  if (layout === 'compactMonth') {
    const [, year, month] = COMPACT_MONTH.exec(whole) ?? [];
    return Number(year) >= 1700 && Number(year) < 2200 ? dayOf(Number(year), Number(month), 1) : NaN;
  }
  for (const { pattern, parts } of FORMS[layout] ?? []) {
    const groups = pattern.exec(date);
    if (groups) return dateOf(groups, parts) + clock;
  }
  return NaN;
}

function compactTime(text: string): number {
  const groups = COMPACT.exec(text);
  if (!groups) return NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = groups;
  const clock = clockOf(hour, minute, second, fraction, undefined) - offsetOf(zone);
  return dayOf(Number(year), Number(month), Number(day)) + clock;
}

function dateOf(groups: RegExpExecArray, parts: string): number {
  // The separator that both places share is a group too.
  const values = (groups.slice(1) as (string | undefined)[]).filter(
    (group) => group !== undefined && !/^[-/.]$/.test(group),
  ) as string[];
  let year = NaN;
  let month = 1;
  let day = 1;
  for (const [n, part] of Array.from(parts).entries()) {
    const value = values[n] ?? '';
    if (part === 'y') year = yearOf(value);
    else if (part === 'm') month = Number(value);
    else if (part === 'd') day = Number(value);
    else if (part === 'M') month = namedMonth(value);
    else if (part === 'q') month = Number(value) * 3 - 2;
    else return weekStart(yearOf(values[parts.indexOf('y')] ?? ''), Number(value), Number(values[2] ?? 1));
  }
  return dayOf(year, month, day);
}

function yearOf(text: string): number {
  const year = Number(text.replace("'", ''));
  return text.length >= 4 ? year : year + (year >= PIVOT ? 1900 : 2000);
}

/** NaN where there is no such day. */
function dayOf(year: number, month: number, day: number): number {
  // Date.UTC takes years below 100 for those of the 20th century.
  if (!(year >= 100) || day < 1 || day > (LENGTHS[month - 1] ?? 0)) return NaN;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return NaN;
  return Date.UTC(year, month - 1, day);
}

/** A day (1: Monday) of a week of ISO 8601: the first week has the year's first Thursday. NaN where there is none. */
function weekStart(year: number, week: number, day: number): number {
  if (!(year >= 100) || week < 1 || week > 53) return NaN;
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
  const time = monday + ((week - 1) * 7 + day - 1) * DAY;
  const thursday = new Date(monday + ((week - 1) * 7 + 3) * DAY);
  return thursday.getUTCFullYear() === year ? time : NaN;
}

function form(parts: string, pattern: string): Form {
  return { pattern: new RegExp(`^${pattern}$`, 'iu'), parts };
}
