/** The tasks that turn one text of real language into another. */
import { alignedTask } from '../aligned.ts';
import { taskOnData } from '../definition.ts';
import type { TaskDefinition } from '../definition.ts';
import { splitOptions } from '../options.ts';
import type { TaskOption, TaskOptions } from '../options.ts';
import type { Origin } from '../task.ts';
import { translationTask } from '../translation.ts';
import { DATE_STYLES } from './dates.ts';
import { CALENDAR_LANGUAGES, SPELLOUT_LANGUAGES } from './languages.ts';
import { datesBetween, datesToIso, digitsToWords, languageNamed, spellingsToPhones, wordsToDigits } from './pairs.ts';
import { LARGEST_SPELT } from './spellout.ts';

const ANY = 'any';
const CHARACTERS = { source: '', target: '' } as const;

const calendars: Origin = {
  title: 'CLDR calendars, dates in words',
  source: 'Names and patterns of dates in the Unicode Common Locale Data Repository; the dates are made from them.',
  licence: 'Unicode-3.0',
};
const spellout: Origin = {
  title: 'CLDR rules for numbers in words',
  source: 'Rules of the Unicode Common Locale Data Repository that put numbers into words; the numbers are drawn.',
  licence: 'Unicode-3.0',
};
export const cmudict: Origin = {
  title: 'The Carnegie Mellon Pronouncing Dictionary',
  source: 'Pronunciations of North American English by Carnegie Mellon University, 1993 to 2015.',
  licence: 'BSD-2-Clause',
};

const year = { type: 'integer', minimum: 1000, maximum: 9999 } as const;
const items = {
  type: 'integer',
  description: 'Pairs that are drawn; those drawn twice count once',
  default: 50_000,
  minimum: 100,
  maximum: 1_000_000,
} as const satisfies TaskOption;
const dateOptions = {
  ...splitOptions,
  items,
  firstYear: { ...year, description: 'First year that dates are from', default: 1900 },
  lastYear: { ...year, description: 'Last year that dates are from', default: 2099 },
} as const satisfies TaskOptions;

const dates = taskOnData(
  {
    id: 'dates',
    title: 'Dates in 20 languages to ISO form',
    kind: 'translation',
    description:
      'Turn a date as people write it, in any of 20 languages, into the form 2001-02-03; whole dates are held out.',
    origin: calendars,
    dataset: 'calendars',
    form: 'calendars',
    options: dateOptions,
  },
  (head, { languages }, options) =>
    translationTask(head, datesToIso(languages, options.items, options), options, {
      separators: CHARACTERS,
      what: 'date',
    }),
);

const datesAligned = taskOnData(
  {
    id: 'dates-aligned',
    title: 'Dates to ISO form, step by step',
    kind: 'tagging',
    description:
      'The same dates, with one symbol out for each symbol in: why a model of equal lengths cannot translate.',
    origin: calendars,
    dataset: 'calendars',
    form: 'calendars',
    options: dateOptions,
  },
  (head, { languages }, options) => alignedTask(head, datesToIso(languages, options.items, options), options, 'date'),
);

const datesTranslate = taskOnData(
  {
    id: 'dates-translate',
    title: 'Dates from one language to another',
    kind: 'translation',
    description: 'Turn a date as it is written in one language into another language; whole dates are held out.',
    origin: calendars,
    dataset: 'calendars',
    form: 'calendars',
    options: {
      ...dateOptions,
      from: {
        type: 'choice',
        description: 'Language that is read',
        default: ANY,
        choices: [ANY, ...CALENDAR_LANGUAGES],
      },
      to: { type: 'choice', description: 'Language that is written', default: 'French', choices: CALENDAR_LANGUAGES },
      style: { type: 'choice', description: 'How the dates are written', default: 'full', choices: DATE_STYLES },
    } as const satisfies TaskOptions,
  },
  (head, { languages }, options) => {
    const to = languageNamed(languages, options.to, 'to');
    const from =
      options.from === ANY
        ? languages.filter((language) => language !== to)
        : [languageNamed(languages, options.from, 'from')];
    return translationTask(head, datesBetween(from, to, options.style, options.items, options), options, {
      separators: CHARACTERS,
      what: 'date',
    });
  },
);

const numberOptions = {
  ...splitOptions,
  items,
  largest: {
    type: 'integer',
    description: 'Largest number',
    default: LARGEST_SPELT,
    minimum: 99,
    maximum: LARGEST_SPELT,
  },
} as const satisfies TaskOptions;

const numberWords = taskOnData(
  {
    id: 'number-words',
    title: 'Numbers in words to digits',
    kind: 'translation',
    description: 'Turn a number in words, in any of 13 languages, into digits; whole numbers are held out.',
    origin: spellout,
    dataset: 'spellout',
    form: 'spellout',
    options: {
      ...numberOptions,
      language: {
        type: 'choice',
        description: 'Language that is read',
        default: ANY,
        choices: [ANY, ...SPELLOUT_LANGUAGES],
      },
    } as const satisfies TaskOptions,
  },
  (head, { languages }, options) => {
    const chosen = options.language === ANY ? languages : [languageNamed(languages, options.language, 'language')];
    return translationTask(head, wordsToDigits(chosen, options.items, options.largest), options, {
      separators: CHARACTERS,
      what: 'number',
    });
  },
);

const numberSpelling = taskOnData(
  {
    id: 'number-spelling',
    title: 'Numbers in digits to words',
    kind: 'translation',
    description: 'Turn a number in digits into words of one of 13 languages; whole numbers are held out.',
    origin: spellout,
    dataset: 'spellout',
    form: 'spellout',
    options: {
      ...numberOptions,
      language: {
        type: 'choice',
        description: 'Language that is written',
        default: 'English',
        choices: SPELLOUT_LANGUAGES,
      },
    } as const satisfies TaskOptions,
  },
  (head, { languages }, options) => {
    const language = languageNamed(languages, options.language, 'language');
    return translationTask(head, digitsToWords(language, options.items, options.largest), options, {
      separators: CHARACTERS,
      what: 'number',
    });
  },
);

const pronunciation = taskOnData(
  {
    id: 'pronunciation',
    title: 'Spelling to pronunciation',
    kind: 'translation',
    description: 'Tell from its letters how an English word is spoken, phone by phone.',
    origin: cmudict,
    dataset: 'cmudict',
    form: 'pronunciations',
    options: { ...splitOptions, validationShare: { ...splitOptions.validationShare, default: 0.05 } },
  },
  (head, data, options) =>
    translationTask(head, spellingsToPhones(data.entries), options, {
      separators: { source: '', target: ' ' },
      what: 'word',
      errorRate: { name: 'phoneErrorRate', label: 'phone error rate', decides: true },
    }),
);

export const writtenTasks: readonly TaskDefinition[] = [
  dates,
  datesAligned,
  datesTranslate,
  numberWords,
  numberSpelling,
  pronunciation,
];
