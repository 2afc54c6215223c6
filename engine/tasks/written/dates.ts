/** Dates as people write them in many languages, by the patterns and names of CLDR's Gregorian calendars. */
import { FormatError } from '../../errors.ts';
import { show } from '../../experiment/fields.ts';

/** From the longest to the shortest form. */
export const DATE_STYLES = ['full', 'long', 'medium'] as const;
export type DateStyle = (typeof DATE_STYLES)[number];

/** What is needed of a language to write dates in it. */
export interface CalendarLanguage {
  /** In English: "German". */
  readonly name: string;
  readonly patterns: Readonly<Record<DateStyle, string>>;
  /** Names of the twelve months as they stand in a date; `alone`: as they stand by themselves. */
  readonly months: MonthNames & { readonly alone: MonthNames };
  /** Names of the days of the week from Sunday on. */
  readonly days: DayNames & { readonly alone: DayNames };
}

interface MonthNames {
  readonly wide: readonly string[];
  readonly abbreviated: readonly string[];
}
type DayNames = MonthNames;

const DAY = 86_400_000;

/** A day of the proleptic Gregorian calendar. */
export class CalendarDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0: Sunday. */
  readonly weekday: number;

  /** `ordinal`: days since 1 January 1970. */
  constructor(ordinal: number) {
    const date = new Date(ordinal * DAY);
    this.year = date.getUTCFullYear();
    this.month = date.getUTCMonth() + 1;
    this.day = date.getUTCDate();
    this.weekday = date.getUTCDay();
  }

  static ordinalOf(year: number, month: number, day: number): number {
    return Date.UTC(year, month - 1, day) / DAY;
  }

  /** "2001-02-03" */
  get iso(): string {
    return `${String(this.year).padStart(4, '0')}-${padded(this.month)}-${padded(this.day)}`;
  }
}

export function writeDate(language: CalendarLanguage, style: DateStyle, day: CalendarDay): string {
  return parsePattern(language.patterns[style])
    .map((part) => (typeof part === 'string' ? part : writeField(language, part.letter, part.count, day)))
    .join('');
}

/** A text as it is, or a field: a pattern letter and how often it stands there (Unicode Technical Standard 35). */
type PatternPart = string | { readonly letter: string; readonly count: number };

function parsePattern(pattern: string): readonly PatternPart[] {
  return Array.from(pattern.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+/gu), ([all, quoted, letter]) => {
    if (letter !== undefined) return { letter, count: all.length };
    if (quoted !== undefined) return quoted === '' ? "'" : quoted;
    // Narrow and unbreakable spaces are spaces; marks of direction are not written.
    return all.replace(/[\u00a0\u202f]/gu, ' ').replace(/[\u200e\u200f]/gu, '');
  });
}

function writeField({ name, months, days }: CalendarLanguage, letter: string, count: number, day: CalendarDay): string {
  switch (`${letter}${count}`) {
    case 'y1':
    case 'y4':
      return String(day.year);
    case 'M1':
      return String(day.month);
    case 'M2':
      return padded(day.month);
    case 'M3':
      return months.abbreviated[day.month - 1]!;
    case 'M4':
      return months.wide[day.month - 1]!;
    case 'L3':
      return months.alone.abbreviated[day.month - 1]!;
    case 'L4':
      return months.alone.wide[day.month - 1]!;
    case 'd1':
      return String(day.day);
    case 'd2':
      return padded(day.day);
    case 'E3':
      return days.abbreviated[day.weekday]!;
    case 'E4':
      return days.wide[day.weekday]!;
    case 'c4':
      return days.alone.wide[day.weekday]!;
    default:
      throw new FormatError(
        `a date pattern of ${name} has the field ${show(letter.repeat(count))}, which is not known`,
      );
  }
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
