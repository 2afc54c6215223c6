/** Dates as whole numbers of an interval, and what is known of a date in advance. All dates are UTC's. */
import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import type { Interval } from './data.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
/** Sines and cosines: 1 to this many periods a day or a year. */
const HARMONICS = 4;

/**
 * Hours or days since 1970, weeks since the Monday before it, months since January of year 0, years since year 0, or
 * the step itself. `place`: what messages call the date.
 */
export function dateToOrdinal(date: string, interval: Interval, place: string): number {
  if (interval === 'step') {
    if (!/^\d{1,15}$/.test(date)) {
      throw new InputError(`${place} is ${show(date)}; it must be the number of a step, as "17"`);
    }
    return Number(date);
  }
  return timeToOrdinal(readTime(date, interval, place), interval);
}

/** The interval that a moment (milliseconds since 1970) lies in, numbered as dateToOrdinal does. */
export function timeToOrdinal(time: number, interval: Exclude<Interval, 'step'>): number {
  switch (interval) {
    case 'hour':
      return Math.floor(time / HOUR);
    case 'day':
      return Math.floor(time / DAY);
    case 'week':
      // 1970-01-01 was a Thursday.
      return Math.floor((Math.floor(time / DAY) + 3) / 7);
    case 'month': {
      const date = new Date(time);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
    case 'year':
      return new Date(time).getUTCFullYear();
  }
}

/** The date, "1988-12-31"; of a week, its Monday; of a month or a year, its first day. */
export function ordinalToDate(ordinal: number, interval: Interval): string {
  switch (interval) {
    case 'hour':
      return new Date(ordinal * HOUR).toISOString().slice(0, 16);
    case 'day':
      return new Date(ordinal * DAY).toISOString().slice(0, 10);
    case 'week':
      return new Date((ordinal * 7 - 3) * DAY).toISOString().slice(0, 10);
    case 'month':
      return `${fourDigits(Math.floor(ordinal / 12))}-${String((ordinal % 12) + 1).padStart(2, '0')}-01`;
    case 'year':
      return `${fourDigits(ordinal)}-01-01`;
    case 'step':
      return String(ordinal);
  }
}

/** Names of the numbers that calendarFeatures gives; none where nothing is known in advance. */
export function calendarNames(interval: Interval): readonly string[] {
  switch (interval) {
    case 'hour':
      return [...waveNames('day'), ...WEEKDAYS];
    case 'day':
      return [...WEEKDAYS, ...waveNames('year')];
    case 'week':
      return waveNames('year');
    case 'month':
      return MONTHS;
    case 'year':
    case 'step':
      return [];
  }
}

/** Day of the week (1 of 7), place in the day or the year (sines and cosines), or month (1 of 12). */
export function calendarFeatures(ordinal: number, interval: Interval): readonly number[] {
  switch (interval) {
    case 'hour':
      return [...waves((ordinal % 24) / 24), ...weekday(Math.floor(ordinal / 24))];
    case 'day':
      return [...weekday(ordinal), ...waves(shareOfYear(ordinal))];
    case 'week':
      return waves(shareOfYear(ordinal * 7 - 3));
    case 'month':
      return MONTHS.map((_, month) => (month === ordinal % 12 ? 1 : 0));
    case 'year':
    case 'step':
      return [];
  }
}

function readTime(date: string, interval: Interval, place: string): number {
  const [form, length, example] =
    interval === 'hour'
      ? [/^\d{4}-\d{2}-\d{2}T\d{2}:00$/, 16, '1988-12-31T23:00']
      : [/^\d{4}-\d{2}-\d{2}$/, 10, '1988-12-31'];
  const time = form.test(date) ? Date.parse(interval === 'hour' ? `${date}Z` : `${date}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, length) !== date) {
    throw new InputError(`${place} is ${show(date)}; it must be a date, as "${example}"`);
  }
  return time;
}

function fourDigits(year: number): string {
  return String(year).padStart(4, '0');
}

function waveNames(period: 'day' | 'year'): readonly string[] {
  return Array.from({ length: HARMONICS }, (_, n) => [`${period} sin ${n + 1}`, `${period} cos ${n + 1}`]).flat();
}

/** `share`: of the period, 0 to 1. */
function waves(share: number): readonly number[] {
  const angle = 2 * Math.PI * share;
  return Array.from({ length: HARMONICS }, (_, n) => [Math.sin((n + 1) * angle), Math.cos((n + 1) * angle)]).flat();
}

/** `day`: since 1970-01-01, a Thursday. */
function weekday(day: number): readonly number[] {
  const today = (((day + 3) % 7) + 7) % 7;
  return WEEKDAYS.map((_, index) => (index === today ? 1 : 0));
}

/** How much of its year is over when a day (since 1970-01-01) begins. */
function shareOfYear(day: number): number {
  const year = new Date(day * DAY).getUTCFullYear();
  const start = Date.UTC(year, 0, 1);
  return (day * DAY - start) / (Date.UTC(year + 1, 0, 1) - start);
}
