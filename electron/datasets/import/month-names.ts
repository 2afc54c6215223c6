/** Names of months and days of the week, by CLDR's tables for the languages that dates are written in here. */
import { loadBundledDataset } from '../bundled.ts';

const ENGLISH_MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ENGLISH_LONG = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const ENGLISH_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const months = new Map<string, number>();
const days = new Set<string>();
let loading: Promise<void> | undefined;

ENGLISH_LONG.forEach((name, month) => months.set(name, month + 1));
ENGLISH_MONTHS.forEach((name, month) => months.set(name, month + 1));
months.set('sept', 9);
for (const name of ENGLISH_DAYS) for (const length of [2, 3, 4, 20]) days.add(name.slice(0, length));

/** 1 to 12; NaN where no bundled language calls a month so. English goes before the others, which seldom disagree. */
export function namedMonth(name: string): number {
  return months.get(folded(name)) ?? NaN;
}

export function namedDay(name: string): boolean {
  return days.has(folded(name));
}

/** Brings in the languages other than English, once. */
export function loadMonthNames(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const data = await loadBundledDataset('calendars');
  if (data.form !== 'calendars') return;
  for (const { months: names, days: weekdays } of data.languages) {
    for (const list of [names.wide, names.abbreviated, names.alone.wide, names.alone.abbreviated]) {
      list.forEach((name, month) => {
        const key = folded(name);
        if (/\p{L}/u.test(key) && !/\d/.test(key) && !months.has(key)) months.set(key, month + 1);
      });
    }
    for (const list of [weekdays.wide, weekdays.abbreviated, weekdays.alone.wide, weekdays.alone.abbreviated]) {
      for (const name of list) days.add(folded(name));
    }
  }
}

/** As it is compared: without case, full stop and diacritics ("Août" is often written "Aout"). */
function folded(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\p{M}.]/gu, '');
}
