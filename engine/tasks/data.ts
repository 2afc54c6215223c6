/** What a task may be made from: plain values in memory, wherever they were read. */
import type { GapMethod } from './gaps.ts';
import type { Origin } from './task.ts';
import type { CalendarLanguage } from './written/dates.ts';
import type { SpelloutLanguage } from './written/spellout.ts';

/** What a person's own dataset is called and where it comes from; bundled ones are described with their tasks. */
export interface About {
  readonly name: string;
  readonly origin: Origin;
}

interface Described {
  readonly about?: About;
  /** Characters or rows of the whole dataset, where these are a part of it. */
  readonly total?: number;
  /** Texts have their letters with diacritics composed (Unicode's NFC), and so must what is predicted from. */
  readonly normalization?: Normalization;
}

/** A normalization form of Unicode. */
export type Normalization = (typeof NORMALIZATIONS)[number];
export const NORMALIZATIONS = ['NFC'] as const;

/** One long text. */
export interface TextData extends Described {
  readonly form: 'text';
  readonly text: string;
}

/** Short texts, each with its class. */
export interface LabelledData extends Described {
  readonly form: 'labelled';
  readonly items: readonly LabelledText[];
}

export interface LabelledText {
  readonly text: string;
  readonly label: string;
  /** Of a person, a document, ...: texts of one group stay on one side of the division. */
  readonly group?: string;
}

/** Sentences, each of whose tokens has a tag. */
export interface TaggedData extends Described {
  readonly form: 'tagged';
  readonly sentences: readonly TaggedSentence[];
}

export interface TaggedSentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
}

/** A pronouncing dictionary. */
export interface PronunciationData extends Described {
  readonly form: 'pronunciations';
  readonly entries: readonly Pronunciation[];
}

export interface Pronunciation {
  /** A further pronunciation of a word has a number after it, "READ(1)". */
  readonly word: string;
  /** Phones of the ARPABET with spaces between them; vowels end in their stress, "HH AH0 L OW1". */
  readonly phones: string;
}

/** Numbers by date, in order of time; dates may be missing. */
export interface SeriesData extends Described {
  readonly form: 'series';
  /** What the values are of, "births". */
  readonly quantity?: string;
  /** What they are counted in, "€"; the quantity itself where it is missing. */
  readonly unit?: string;
  readonly interval: Interval;
  /** Values that a model may see at once so that there is enough to train and to validate. */
  readonly window?: number;
  /** How missing values were filled in; 'skip' where it is missing. */
  readonly gaps?: GapMethod;
  readonly points: readonly SeriesPoint[];
}

/** From one point to the next. 'step': the points are only counted. */
export type Interval = (typeof INTERVALS)[number];

export const INTERVALS = ['hour', 'day', 'week', 'month', 'year', 'step'] as const;

export interface SeriesPoint {
  /** "1969-01-31", any day of the week, month or year; "1969-01-31T23:00" where hours count; "17" for a step. */
  readonly date: string;
  readonly value: number;
  /** It was missing. */
  readonly filled?: boolean;
}

/** Texts, each with what it is to become. */
export interface PairsData extends Described {
  readonly form: 'pairs';
  readonly pairs: readonly SourceAndTarget[];
}

export interface SourceAndTarget {
  readonly source: string;
  readonly target: string;
  /** As of LabelledText. */
  readonly group?: string;
}

/** What dates are written with in many languages. */
export interface CalendarsData extends Described {
  readonly form: 'calendars';
  readonly languages: readonly CalendarLanguage[];
}

/** Rules by which many languages put numbers into words. */
export interface SpelloutData extends Described {
  readonly form: 'spellout';
  readonly languages: readonly SpelloutLanguage[];
}

export type TaskData =
  TextData | LabelledData | TaggedData | PronunciationData | SeriesData | PairsData | CalendarsData | SpelloutData;
