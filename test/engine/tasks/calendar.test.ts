import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import {
  calendarFeatures,
  calendarNames,
  dateToOrdinal,
  ordinalToDate,
  timeToOrdinal,
} from '../../../engine/tasks/calendar.ts';
import { INTERVALS } from '../../../engine/tasks/data.ts';

const DAY = 86_400_000;
const times = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) });

describe.each(INTERVALS)('by %s', (interval) => {
  test('every ordinal has a date of its own', () => {
    const ordinals = interval === 'step' ? fc.nat() : times.map((time) => timeToOrdinal(time, interval));
    fc.assert(
      fc.property(ordinals, (ordinal) => {
        expect(dateToOrdinal(ordinalToDate(ordinal, interval), interval, 'it')).toBe(ordinal);
      }),
    );
  });

  test('as many features are given as are named', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 900_000 }), (n) => {
        const ordinal = interval === 'year' ? 1000 + Math.abs(n % 9000) : interval === 'month' ? Math.abs(n) : n;
        const features = calendarFeatures(ordinal, interval);
        expect(features).toHaveLength(calendarNames(interval).length);
        expect(features.every((feature) => Math.abs(feature) <= 1)).toBe(true);
      }),
    );
  });
});

test.each([
  ['hour', '2020-02-29T23:00', '2020-02-29T23:00'],
  ['day', '2020-02-29', '2020-02-29'],
  ['week', '2020-03-01', '2020-02-24'],
  ['week', '2020-02-24', '2020-02-24'],
  ['month', '2020-02-29', '2020-02-01'],
  ['year', '2020-02-29', '2020-01-01'],
  ['step', '17', '17'],
] as const)('a %s of %s is called %s', (interval, date, name) => {
  expect(ordinalToDate(dateToOrdinal(date, interval, 'it'), interval)).toBe(name);
});

test('the next interval has the next number', () => {
  fc.assert(
    fc.property(times, (time) => {
      expect(timeToOrdinal(time + DAY / 24, 'hour') - timeToOrdinal(time, 'hour')).toBe(1);
      expect(timeToOrdinal(time + DAY, 'day') - timeToOrdinal(time, 'day')).toBe(1);
      expect(timeToOrdinal(time + 7 * DAY, 'week') - timeToOrdinal(time, 'week')).toBe(1);
    }),
  );
  // A week begins on Monday.
  expect(timeToOrdinal(Date.UTC(2026, 10, 22), 'week')).toBe(timeToOrdinal(Date.UTC(2026, 10, 23), 'week') - 1);
});

test('weekday and month are those of the date', () => {
  const named = (date: string, interval: 'day' | 'month' | 'hour') => {
    const features = calendarFeatures(dateToOrdinal(date, interval, 'it'), interval);
    return calendarNames(interval).filter((name, n) => features[n] === 1 && /^[A-Z]/.test(name));
  };
  expect(named('2026-11-23', 'day')).toEqual(['Monday']);
  expect(named('1969-07-20', 'day')).toEqual(['Sunday']);
  expect(named('1969-07-20T20:00', 'hour')).toEqual(['Sunday']);
  expect(named('1969-07-20', 'month')).toEqual(['July']);
});

test.each([
  ['2019-02-29', 'day', 'it is "2019-02-29"; it must be a date, as "1988-12-31"'],
  ['2020-01-01', 'hour', 'it is "2020-01-01"; it must be a date, as "1988-12-31T23:00"'],
  ['2020-01-01T24:00', 'hour', 'it must be a date'],
  ['1.5', 'step', 'it is "1.5"; it must be the number of a step, as "17"'],
] as const)('%s is no date by %s', (date, interval, message) => {
  expect(() => dateToOrdinal(date, interval, 'it')).toThrow(InputError);
  expect(() => dateToOrdinal(date, interval, 'it')).toThrow(message);
});
