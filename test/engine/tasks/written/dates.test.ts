import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../../engine/errors.ts';
import { CalendarDay, writeDate, type CalendarLanguage } from '../../../../engine/tasks/written/dates.ts';

const MONTHS = Array.from('JFMAYNLGSOVD', (letter) => `${letter}onth`);
const DAYS = Array.from('umtwhfa', (letter) => `${letter}day`);

function language(pattern: string): CalendarLanguage {
  const wide = { wide: MONTHS, abbreviated: MONTHS.map((name) => name.slice(0, 2)) };
  const days = { wide: DAYS, abbreviated: DAYS.map((name) => name.slice(0, 2)) };
  return {
    name: 'Testish',
    patterns: { full: pattern, long: pattern, medium: pattern },
    months: { ...wide, alone: { wide: MONTHS.map((name) => `the ${name}`), abbreviated: wide.abbreviated } },
    days: { ...days, alone: { wide: DAYS.map((name) => `a ${name}`), abbreviated: days.abbreviated } },
  };
}

function written(pattern: string, year = 2001, month = 2, day = 3): string {
  return writeDate(language(pattern), 'full', new CalendarDay(CalendarDay.ordinalOf(year, month, day)));
}

describe('a date', () => {
  test.each([
    ['d MMMM y', '3 Fonth 2001'],
    ['dd/MM/y', '03/02/2001'],
    ["EEEE 'den' d. MMM y", 'aday den 3. Fo 2001'],
    ["d 'o''clock' M", '3 oclock 2'],
    ['cccc d LLLL', 'a aday 3 the Fonth'],
    ["y\u202f'г'.", '2001 г.'],
    ['dd\u200f/MM', '03/02'],
    ['y年M月d日EEE', '2001年2月3日ad'],
  ])('by the pattern %s', (pattern, expected) => {
    expect(written(pattern)).toBe(expected);
  });

  test('of a pattern with a field that is not known is refused', () => {
    expect(() => written('G y')).toThrow(FormatError);
    expect(() => written('G y')).toThrow('a date pattern of Testish has the field "G", which is not known');
  });

  test('is that of the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (ordinal) => {
        const day = new CalendarDay(ordinal);
        expect(CalendarDay.ordinalOf(day.year, day.month, day.day)).toBe(ordinal);
        expect(Date.parse(day.iso)).toBe(ordinal * 86_400_000);
        expect(new CalendarDay(ordinal + 7).weekday).toBe(day.weekday);
      }),
    );
    // 1 January 1970 was a Thursday.
    expect(new CalendarDay(0)).toMatchObject({ iso: '1970-01-01', weekday: 4 });
    expect(new CalendarDay(CalendarDay.ordinalOf(2000, 3, 1) - 1).iso).toBe('2000-02-29');
  });
});
