/** Dates as people write them in tables. */

/** What stands where: year, month, day, M for the month's name. 'y' is a year alone, 'compact' 20261231. */
export type DateLayout = (typeof LAYOUTS)[number];

export const LAYOUTS = ['ymd', 'dmy', 'mdy', 'compact', 'dMy', 'Mdy', 'ym', 'my', 'My', 'y'] as const;

const TIME = String.raw`(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?`;
const NAME = String.raw`([A-Za-z]{3,9})\.?`;

interface Form {
  /** Its groups are the parts in this order, then hour, minute, second and zone. */
  readonly pattern: RegExp;
  readonly parts: readonly Part[];
}

type Part = 'y' | 'm' | 'd' | 'M';

const FORMS: Readonly<Record<DateLayout, Form>> = {
  ymd: form('ymd', String.raw`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}`),
  dmy: form('dmy', String.raw`(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})${TIME}`),
  mdy: form('mdy', String.raw`(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})${TIME}`),
  compact: form('ymd', String.raw`(\d{4})(\d{2})(\d{2})`),
  dMy: form('dMy', String.raw`(\d{1,2})\.?[ -]${NAME}[ -](\d{4})${TIME}`),
  Mdy: form('Mdy', String.raw`${NAME} (\d{1,2}),? (\d{4})${TIME}`),
  ym: form('ym', String.raw`(\d{4})[-/.](\d{1,2})`),
  my: form('my', String.raw`(\d{1,2})[-/.](\d{4})`),
  My: form('My', String.raw`${NAME}[ -](\d{4})`),
  y: form('y', String.raw`(\d{4})`),
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const LONGEST = 40;

/** A field in one of the layouts in which it is a date. */
export interface DateReading {
  readonly layout: DateLayout;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The readings of a field in these layouts; none where it is no date. */
export function datesOf(field: string, layouts: readonly DateLayout[] = LAYOUTS): readonly DateReading[] {
  if (field.length > LONGEST || field.length < 4) return [];
  const readings: DateReading[] = [];
  for (const layout of layouts) {
    const time = readDate(field, layout);
    if (!Number.isNaN(time)) readings.push({ layout, time });
  }
  return readings;
}

/** Milliseconds since 1970, UTC where no zone is given; NaN where the field is no date in this layout. */
export function readDate(field: string, layout: DateLayout): number {
  const { pattern, parts } = FORMS[layout];
  const groups = pattern.exec(field.trim());
  if (!groups) return NaN;
  let year = NaN;
  let month = 1;
  let day = 1;
  parts.forEach((part, n) => {
    const group = groups[n + 1]!;
    if (part === 'y') year = Number(group);
    else if (part === 'm') month = Number(group);
    else if (part === 'd') day = Number(group);
    else month = MONTHS.indexOf(group.slice(0, 3).toLowerCase()) + 1;
  });
  const date = dateOf(year, month, day);
  const hour = groups[parts.length + 1];
  const zone = groups[parts.length + 4];
  if (hour === undefined && zone === undefined) return date;
  const minute = Number(groups[parts.length + 2] ?? 0);
  const second = Number(groups[parts.length + 3] ?? 0);
  if (Number(hour ?? 0) > 23 || minute > 59 || second > 59) return NaN;
  return date + ((Number(hour ?? 0) * 60 + minute) * 60 + second) * 1000 - offsetOf(zone);
}

/** NaN where there is no such day. */
function dateOf(year: number, month: number, day: number): number {
  // Date.UTC takes years below 100 for those of the 20th century.
  if (year < 100 || day < 1 || day > (LENGTHS[month - 1] ?? 0)) return NaN;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return NaN;
  return Date.UTC(year, month - 1, day);
}

/** Milliseconds that a zone ("+01:00") is ahead of UTC. */
function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '') ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -offset : offset;
}

function form(parts: string, pattern: string): Form {
  return { pattern: new RegExp(`^${pattern}$`), parts: Array.from(parts) as Part[] };
}
