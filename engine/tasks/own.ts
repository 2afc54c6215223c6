/** The tasks on a person's own data: an experiment names the dataset in the option "dataset". */
import { InputError } from '../errors.ts';
import { calendarNames } from './calendar.ts';
import { classificationTask } from './classification.ts';
import type { Interval, LabelledText, SourceAndTarget, TextData } from './data.ts';
import { taskOnOwnData } from './definition.ts';
import type { TaskDefinition } from './definition.ts';
import { forecastingTask } from './forecasting.ts';
import { generationTask } from './generation.ts';
import { firstCharacters, languageTask } from './language.ts';
import { splitSymbols } from './codec.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { normalizedTask } from './normalization.ts';
import { splitOptions } from './options.ts';
import type { TaskOptions } from './options.ts';
import { classNotices, counted, limitNotice, validationNotice, without } from './own-notices.ts';
import { unambiguous } from './prepare.ts';
import { taggingTask } from './tagging.ts';
import type { Task } from './task.ts';
import { translationTask } from './translation.ts';

const rows = {
  type: 'integer',
  description: 'Rows that are used at most, sampled from the whole dataset',
  default: 200_000,
  minimum: 2,
  maximum: 10_000_000,
} as const;

/** On which side of the division nearly equal texts come to lie. */
const nearDuplicatesOption = {
  type: 'boolean',
  description: 'Keep texts that are nearly the same, and texts of one group, on one side of the division',
  default: true,
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
        description: 'Characters that are used at most, in long pieces from the whole text',
        default: 20_000_000,
        minimum: 4,
        maximum: 200_000_000,
      },
    } as const satisfies TaskOptions,
    most: ({ characters }) => characters,
  },
  (head, data, options) => {
    const text = firstCharacters(data.text, options.characters);
    const task = languageTask(head, text, options);
    return finished(task, data, [
      ...limitNotice(options.characters, data.total, 'characters', 'characters'),
      ...(text.length < FEW_CHARACTERS
        ? [`The text has only ${counted(text.length, 'character')}; a model can learn little from so few.`]
        : []),
    ]);
  },
);

/** Characters below which a text is too short to learn to write from. */
const FEW_CHARACTERS = 5000;

/** A task with what has to be said of its data, in the form that the data are in. */
function finished(task: Task, { normalization }: Pick<TextData, 'normalization'>, notices: readonly string[]): Task {
  const all = [...notices, ...validationNotice(task)];
  return { ...normalizedTask(task, normalization), ...(all.length > 0 ? { notices: all } : {}) };
}

const ownClassification = taskOnOwnData(
  {
    id: 'own-classification',
    title: 'Classes of your own texts',
    kind: 'classification',
    description: 'Tell the class of a text of your own, by its characters; texts in several classes are left out.',
    form: 'labelled',
    options: {
      ...splitOptions,
      nearDuplicates: nearDuplicatesOption,
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
  (head, data, { longest, nearDuplicates: isGrouped, ...options }) => {
    const given = data.items.slice(0, options.rows);
    let cutOff = 0;
    const items = given.map((item) => {
      const text = firstCharacters(item.text, longest);
      if (text.length < item.text.length) cutOff++;
      return { ...item, text };
    });
    const distinct = requireItems(unambiguous(items), 'is in one class alone');
    const grouping = groupingOf(isGrouped);
    const task = classificationTask(head, distinct, options, 'text', grouping.of);
    const different = new Set(items.map(({ text }) => text)).size;
    const ambiguous = different - distinct.length;
    return finished(task, data, [
      ...limitNotice(options.rows, data.total, 'rows', 'rows'),
      ...(cutOff > 0
        ? [
            `${counted(cutOff, 'text')} of more than ${longest} characters ${cutOff === 1 ? 'is' : 'are'} cut off there.`,
          ]
        : []),
      ...without(ambiguous, 'text', 'because the same text is in several classes'),
      ...(items.length - different > ambiguous
        ? [`The ${counted(items.length, 'row')} have ${counted(different, 'different text')}; each counts once.`]
        : []),
      ...grouping.notices(),
      ...classNotices(distinct),
    ]);
  },
);

/** Groups of texts by what is nearly the same, and what has to be said of them. */
function groupingOf(isGrouped: boolean) {
  let alike = 0;
  return {
    of: (items: readonly LabelledText[]): readonly string[] => {
      const texts = items.map(({ text }) => text);
      if (!isGrouped) return texts.map((text) => text.toLowerCase());
      const { groups, count } = nearDuplicates(
        texts,
        items.map(({ group }) => group),
      );
      alike = count;
      return groups;
    },
    notices: () =>
      alike > 0
        ? [
            `${counted(alike, 'text')} ${alike === 1 ? 'is' : 'are'} nearly the same as another or of the same group; ` +
              'those stay together, in the training or in the validation part.',
          ]
        : [],
  };
}

const ownGeneration = taskOnOwnData(
  {
    id: 'own-generation',
    title: 'Texts of your own grown from a class',
    kind: 'generation',
    description: 'Make up a text like your own ones of a class, character by character.',
    form: 'labelled',
    options: {
      ...splitOptions,
      nearDuplicates: nearDuplicatesOption,
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
  (head, data, { longest, nearDuplicates: isGrouped, ...options }) => {
    const given = data.items.slice(0, options.rows);
    const short = given.filter(({ text }) => firstCharacters(text, longest) === text);
    const items = requireItems(short, `has at most ${longest} characters`);
    const grouping = groupingOf(isGrouped);
    const task = generationTask(head, items, options, 'text', grouping.of);
    return finished(task, data, [
      ...limitNotice(options.rows, data.total, 'rows', 'rows'),
      ...without(given.length - short.length, 'text', `because it has more than ${longest} characters`),
      ...grouping.notices(),
    ]);
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
    defaults: ({ window }) => (window === undefined ? {} : { window }),
  },
  (head, data, options) => {
    const points = data.points.slice(-options.rows);
    const quantity = data.quantity ?? 'value';
    const { window, horizon, difference } = options;
    const task = forecastingTask(
      head,
      { ...data, points },
      {
        quantity,
        unit: data.unit ?? quantity,
        validationPoints: Math.max(1, Math.round(points.length * options.validationShare)),
        naiveLags: NAIVE_LAGS[data.interval].filter((lag) => lag === 1 || 2 * lag <= points.length),
      },
      { window, horizon, difference, calendar: options.calendar && calendarNames(data.interval).length > 0 },
    );
    const values = points.filter(({ filled }) => filled !== true);
    return finished(task, data, [
      ...limitNotice(options.rows, data.total, 'values', 'rows', 'the latest'),
      ...windowNotice(task, points.length - window - difference - horizon + 1),
      ...(values.every(({ value }) => value === values[0]?.value)
        ? [`All values are ${values[0]?.value ?? 0}: the series is constant, and there is nothing to learn.`]
        : []),
    ]);
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
      nearDuplicates: nearDuplicatesOption,
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
  (head, data, { longest, symbols, nearDuplicates: isGrouped, ...options }) => {
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
    const grouping = groupingOf(isGrouped);
    const groups = grouping.of(
      short.map(({ source, target, group }) => ({
        text: source,
        label: target,
        ...(group === undefined ? {} : { group }),
      })),
    );
    const pairs = isGrouped ? short.map((pair, i) => ({ ...pair, group: groups[i]! })) : short.map(ungrouped);
    const task = translationTask(head, pairs, options, {
      separators: { source: separator, target: separator },
      what: 'source',
    });
    return finished(task, data, [
      ...limitNotice(options.rows, data.total, 'rows', 'rows'),
      ...without(distinct.size - short.length, 'pair', `because a side has more than ${longest} ${symbols}`),
      ...grouping.notices(),
      ...(short.every(({ source, target }) => source === target)
        ? ['Every text is to become itself: the input and the target are the same.']
        : []),
    ]);
  },
);

function ungrouped({ source, target }: SourceAndTarget): SourceAndTarget {
  return { source, target };
}

/** Of a series: windows that are left out, because values are missing in them. */
function windowNotice({ train, validation }: Task, possible: number): readonly string[] {
  if (train.form !== 'set' || validation.form !== 'set') return [];
  // Between the parts lie those whose forecast is on both sides.
  const found = train.count + validation.count;
  return possible > 0 && found < possible * 0.95
    ? [
        `${counted(possible - found, 'window')} of ${possible.toLocaleString('en')} ${possible - found === 1 ? 'is' : 'are'} left out, ` +
          `because values are missing in them or behind them; ${train.count.toLocaleString('en')} train and ` +
          `${validation.count.toLocaleString('en')} validate.`,
      ]
    : [];
}

const ownTagging = taskOnOwnData(
  {
    id: 'own-tagging',
    title: 'Tags of your own sentences',
    kind: 'tagging',
    description: 'Tell the tag of every word of a sentence of your own.',
    form: 'tagged',
    options: {
      ...splitOptions,
      nearDuplicates: nearDuplicatesOption,
      rows,
      longest: {
        type: 'integer',
        description: 'Words that a sentence may have; longer ones are left out',
        default: 100,
        minimum: 1,
        maximum: 4096,
      },
      leastOften: {
        type: 'integer',
        description: 'How often a word must occur in the training part; rarer ones count as unknown',
        default: 2,
        minimum: 2,
        maximum: 1000,
      },
    } as const satisfies TaskOptions,
    most: ({ rows }) => rows,
  },
  (head, data, { longest, nearDuplicates: isGrouped, leastOften, ...options }) => {
    const given = data.sentences.slice(0, options.rows);
    const short = given.filter(({ tokens }) => tokens.length <= longest);
    if (short.length === 0) {
      throw new InputError(`no sentence of the dataset has at most ${longest} words; at least 2 are needed`);
    }
    const texts = short.map(({ tokens }) => tokens.join(' '));
    const groups = isGrouped ? nearDuplicates(texts).groups : texts;
    const tags = [...new Set(short.flatMap((sentence) => sentence.tags))].sort();
    const task = taggingTask(
      head,
      short.map(({ tokens, tags: own }, i) => ({ symbols: tokens, tags: own, group: groups[i]! })),
      tags,
      options,
      'sentence',
      { leastOften },
    );
    return finished(task, data, [
      ...limitNotice(options.rows, data.total, 'sentences', 'rows'),
      ...without(given.length - short.length, 'sentence', `because it has more than ${longest} words`),
      ...(tags.length === 1 ? [`Every word has the tag ${JSON.stringify(tags[0])}: there is nothing to learn.`] : []),
    ]);
  },
);

/** By form of the dataset, what is asked first of such data first. */
export const ownTasks: readonly TaskDefinition[] = [
  ownText,
  ownClassification,
  ownGeneration,
  ownForecasting,
  ownTranslation,
  ownTagging,
];

function requireItems(items: readonly LabelledText[], what: string): readonly LabelledText[] {
  if (items.length === 0) {
    throw new InputError(`no text of the dataset ${what}; at least 2 are needed`);
  }
  return items;
}
