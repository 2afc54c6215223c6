/** Pairs of texts for translation: dates and numbers, written out; words and how they are spoken. */
import { InputError } from '../../errors.ts';
import { show } from '../../experiment/fields.ts';
import { Random } from '../../random.ts';
import type { Pronunciation } from '../data.ts';
import { Stream } from '../streams.ts';
import type { Pair } from '../translation.ts';
import { CalendarDay, DATE_STYLES, writeDate } from './dates.ts';
import type { CalendarLanguage, DateStyle } from './dates.ts';
import { Speller } from './spellout.ts';
import type { SpelloutLanguage } from './spellout.ts';

export interface YearRange {
  readonly firstYear: number;
  /** Included. */
  readonly lastYear: number;
}

/** Dates of the years, each in a language and a style drawn at random, to "2001-02-03". A group is a date. */
export function datesToIso(languages: readonly CalendarLanguage[], count: number, years: YearRange): readonly Pair[] {
  const draw = dayDrawer(years);
  return distinct(count, (random) => {
    const day = draw(random);
    const language = languages[random.below(languages.length)]!;
    const style = DATE_STYLES[random.below(DATE_STYLES.length)]!;
    return { source: writeDate(language, style, day), target: day.iso, group: day.iso };
  });
}

/** Dates of the years from any of the languages into another, in the same style. A group is a date. */
export function datesBetween(
  from: readonly CalendarLanguage[],
  to: CalendarLanguage,
  style: DateStyle,
  count: number,
  years: YearRange,
): readonly Pair[] {
  const draw = dayDrawer(years);
  return distinct(count, (random) => {
    const day = draw(random);
    const language = from[random.below(from.length)]!;
    return { source: writeDate(language, style, day), target: writeDate(to, style, day), group: day.iso };
  });
}

function dayDrawer({ firstYear, lastYear }: YearRange): (random: Random) => CalendarDay {
  if (firstYear > lastYear) {
    throw new InputError(`task.lastYear is ${lastYear}; it must not lie before task.firstYear, which is ${firstYear}`);
  }
  const first = CalendarDay.ordinalOf(firstYear, 1, 1);
  const days = CalendarDay.ordinalOf(lastYear + 1, 1, 1) - first;
  return (random) => new CalendarDay(first + random.below(days));
}

/** Numbers in words, in any of the languages, to digits. All lengths in digits are equally frequent. */
export function wordsToDigits(languages: readonly SpelloutLanguage[], count: number, largest: number): readonly Pair[] {
  const spellers = languages.map((language) => new Speller(language));
  return distinct(count, (random) => {
    const number = drawNumber(random, largest);
    const source = spellers[random.below(spellers.length)]!.spell(number);
    return { source, target: String(number), group: String(number) };
  });
}

/** Numbers in digits to words of one language. */
export function digitsToWords(language: SpelloutLanguage, count: number, largest: number): readonly Pair[] {
  const speller = new Speller(language);
  return distinct(count, (random) => {
    const number = drawNumber(random, largest);
    return { source: String(number), target: speller.spell(number), group: String(number) };
  });
}

/** Of 0 to `largest`; its length in digits is drawn first. */
function drawNumber(random: Random, largest: number): number {
  const digits = 1 + random.below(String(largest).length);
  const from = digits === 1 ? 0 : 10 ** (digits - 1);
  return from + random.below(Math.min(largest + 1, 10 ** digits) - from);
}

const LETTERS = /^[A-Z]+$/u;

/** Words of the letters A to Z alone, in small letters, to their first pronunciation, without stress. */
export function spellingsToPhones(entries: readonly Pronunciation[]): readonly Pair[] {
  return entries
    .filter(({ word }) => LETTERS.test(word))
    .map(({ word, phones }) => ({ source: word.toLowerCase(), target: phones.replace(/[012]/gu, '') }));
}

/** The language of this name. Throws InputError naming the option. */
export function languageNamed<L extends { readonly name: string }>(
  languages: readonly L[],
  name: string,
  option: string,
): L {
  const found = languages.find((language) => language.name === name);
  if (found === undefined) {
    const names = languages.map((language) => show(language.name)).join(', ');
    throw new InputError(
      `task.${option} is ${show(name)}, which the dataset does not have; it must be one of ${names}`,
    );
  }
  return found;
}

/**
 * The different pairs among `count` draws, the same ones on every machine. A text that would become two different
 * ones is left out.
 */
function distinct(count: number, draw: (random: Random) => Pair): readonly Pair[] {
  const found = new Map<string, Pair | null>();
  for (let item = 0; item < count; item++) {
    const pair = draw(new Random(0, Stream.written, item));
    const known = found.get(pair.source);
    found.set(pair.source, known === undefined || known?.target === pair.target ? pair : null);
  }
  return [...found.values()].filter((pair) => pair !== null);
}
