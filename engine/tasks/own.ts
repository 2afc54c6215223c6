/** The tasks on a person's own data: an experiment names the dataset in the option "dataset". */
import { InputError } from '../errors.ts';
import { calendarNames } from './calendar.ts';
import { classificationTask } from './classification.ts';
import type { Interval, LabelledText } from './data.ts';
import { taskOnOwnData } from './definition.ts';
import type { TaskDefinition } from './definition.ts';
import { forecastingTask } from './forecasting.ts';
import { generationTask } from './generation.ts';
import { firstCharacters, languageTask } from './language.ts';
import { splitSymbols } from './codec.ts';
import { splitOptions } from './options.ts';
import type { TaskOptions } from './options.ts';
import { unambiguous } from './prepare.ts';
import { translationTask } from './translation.ts';

const rows = {
  type: 'integer',
  description: 'Rows that are used, from the start of the data',
  default: 200_000,
  minimum: 2,
  maximum: 10_000_000,
} as const;

const ownText = taskOnOwnData(
  {
    id: 'own-text',
    title: 'Characters of your own text',
    kind: 'language',
    description: 'Guess the next character of a text of your own; its last part is held out.',
    form: 'text',
    options: {
      validationShare: splitOptions.validationShare,
      characters: {
        type: 'integer',
        description: 'Characters that are used, from the start of the text',
        default: 20_000_000,
        minimum: 4,
        maximum: 200_000_000,
      },
    } as const satisfies TaskOptions,
    most: ({ characters }) => characters,
  },
  (head, data, options) => languageTask(head, firstCharacters(data.text, options.characters), options),
);

const ownClassification = taskOnOwnData(
  {
    id: 'own-classification',
    title: 'Classes of your own texts',
    kind: 'classification',
    description: 'Tell the class of a text of your own, by its characters; texts in several classes are left out.',
    form: 'labelled',
    options: {
      ...splitOptions,
      rows,
      longest: {
        type: 'integer',
        description: 'Characters of a text that are read; what follows is cut off',
        default: 200,
        minimum: 1,
        maximum: 4096,
      },
    } as const satisfies TaskOptions,
    most: ({ rows }) => rows,
  },
  (head, data, { longest, ...options }) => {
    const items = data.items.slice(0, options.rows).map(({ text, label }) => ({
      text: firstCharacters(text, longest),
      label,
    }));
    return classificationTask(head, requireItems(unambiguous(items), 'is in one class alone'), options, 'text');
  },
);

const ownGeneration = taskOnOwnData(
  {
    id: 'own-generation',
    title: 'Texts of your own grown from a class',
    kind: 'generation',
    description: 'Make up a text like your own ones of a class, character by character.',
    form: 'labelled',
    options: {
      ...splitOptions,
      rows,
      longest: {
        type: 'integer',
        description: 'Characters that a text may have; longer ones are left out',
        default: 60,
        minimum: 1,
        maximum: 4096,
      },
    } as const satisfies TaskOptions,
    most: ({ rows }) => rows,
  },
  (head, data, { longest, ...options }) => {
    const short = data.items.slice(0, options.rows).filter(({ text }) => firstCharacters(text, longest) === text);
    return generationTask(head, requireItems(short, `has at most ${longest} characters`), options, 'text');
  },
);

const ownForecasting = taskOnOwnData(
  {
    id: 'own-forecasting',
    title: 'Your own series',
    kind: 'regression',
    description: 'Forecast the next value of a series of your own; its last part is held out.',
    form: 'series',
    options: {
      horizon: { type: 'integer', description: 'Values to forecast', default: 1, minimum: 1, maximum: 365 },
      window: { type: 'integer', description: 'Values that the model sees', default: 28, minimum: 1, maximum: 1000 },
      difference: {
        type: 'integer',
        description: 'See and forecast differences to the value this many before; 0: the values themselves',
        default: 1,
        minimum: 0,
        maximum: 1000,
      },
      calendar: {
        type: 'boolean',
        description: 'Tell the model what is known of the dates in advance, where the values have dates',
        default: true,
      },
      validationShare: splitOptions.validationShare,
      rows: { ...rows, default: 1_000_000 },
    } as const satisfies TaskOptions,
    most: ({ rows }) => rows,
  },
  (head, data, options) => {
    const points = data.points.slice(0, options.rows);
    const quantity = data.quantity ?? 'value';
    const { window, horizon, difference } = options;
    return forecastingTask(
      head,
      { ...data, points },
      {
        quantity,
        unit: quantity,
        validationPoints: Math.max(1, Math.round(points.length * options.validationShare)),
        naiveLags: NAIVE_LAGS[data.interval].filter((lag) => lag === 1 || 2 * lag <= points.length),
      },
      { window, horizon, difference, calendar: options.calendar && calendarNames(data.interval).length > 0 },
    );
  },
);

/** The value before, and those one period of the calendar before. */
const NAIVE_LAGS: Readonly<Record<Interval, readonly number[]>> = {
  hour: [1, 24, 168],
  day: [1, 7],
  week: [1, 52],
  month: [1, 12],
  year: [1],
  step: [1],
};

const ownTranslation = taskOnOwnData(
  {
    id: 'own-translation',
    title: 'Your own pairs of texts',
    kind: 'translation',
    description: 'Turn a text of your own into the one that stands beside it.',
    form: 'pairs',
    options: {
      ...splitOptions,
      rows,
      longest: {
        type: 'integer',
        description: 'Symbols that either side may have; pairs with a longer one are left out',
        default: 60,
        minimum: 1,
        maximum: 4096,
      },
      symbols: {
        type: 'choice',
        description: 'What is read and written at a step',
        default: 'characters',
        choices: ['characters', 'words'],
      },
    } as const satisfies TaskOptions,
    most: ({ rows }) => rows,
  },
  (head, data, { longest, symbols, ...options }) => {
    const separator = symbols === 'words' ? ' ' : '';
    const isShort = (text: string) => {
      const { length } = splitSymbols(text, separator);
      return length > 0 && length <= longest;
    };
    const distinct = new Map(
      data.pairs.slice(0, options.rows).map((pair) => [JSON.stringify([pair.source, pair.target]), pair]),
    );
    const short = [...distinct.values()].filter(({ source, target }) => isShort(source) && isShort(target));
    if (short.length === 0) {
      throw new InputError(
        `no pair of the dataset has 1 to ${longest} ${symbols} on both sides; at least 2 are needed`,
      );
    }
    return translationTask(head, short, options, {
      separators: { source: separator, target: separator },
      what: 'source',
    });
  },
);

/** By form of the dataset, what is asked first of such data first. */
export const ownTasks: readonly TaskDefinition[] = [
  ownText,
  ownClassification,
  ownGeneration,
  ownForecasting,
  ownTranslation,
];

function requireItems(items: readonly LabelledText[], what: string): readonly LabelledText[] {
  if (items.length === 0) {
    throw new InputError(`no text of the dataset ${what}; at least 2 are needed`);
  }
  return items;
}
