/** The tasks on real data. */
import { classificationTask } from './classification.ts';
import { taskOnData } from './definition.ts';
import type { TaskDefinition } from './definition.ts';
import { forecastingTask } from './forecasting.ts';
import { generationTask } from './generation.ts';
import { languageTask } from './language.ts';
import { splitOptions } from './options.ts';
import type { TaskOptions } from './options.ts';
import { STRESSES, stressSequences, unambiguous } from './prepare.ts';
import { taggingTask } from './tagging.ts';
import type { Origin } from './task.ts';
import { cmudict, writtenTasks } from './written/tasks.ts';

const names: Origin = {
  title: 'Female and male first names (English)',
  source: 'Lists of first names in English-speaking countries from Grady Ward’s Moby Word II, Project Gutenberg 3201.',
  licence: 'CC0-1.0',
};

const mobyDick = taskOnData(
  {
    id: 'moby-dick',
    title: 'Characters of Moby-Dick',
    kind: 'language',
    description: 'Guess the next character of Herman Melville’s novel; the last part of the book is held out.',
    origin: {
      title: 'Moby-Dick; or, The Whale',
      source: 'The novel by Herman Melville (1851), as Project Gutenberg has it.',
      licence: 'CC0-1.0',
    },
    dataset: 'moby-dick',
    form: 'text',
    options: { validationShare: splitOptions.validationShare },
  },
  (head, data, options) => languageTask(head, data.text, options),
);

const namesGender = taskOnData(
  {
    id: 'names-gender',
    title: 'First names to gender',
    kind: 'classification',
    description: 'Tell from its letters whether a first name is female or male; names given to both are left out.',
    origin: names,
    dataset: 'names',
    form: 'labelled',
    options: splitOptions,
  },
  (head, data, options) => classificationTask(head, unambiguous(data.items), options, 'name'),
);

const namesGenerate = taskOnData(
  {
    id: 'names-generate',
    title: 'First names grown from a gender',
    kind: 'generation',
    description: 'Make up a female or a male first name, letter by letter; names given to both are left out.',
    origin: names,
    dataset: 'names',
    form: 'labelled',
    options: splitOptions,
  },
  (head, data, options) => generationTask(head, unambiguous(data.items), options, 'name'),
);

const languageId = taskOnData(
  {
    id: 'language-id',
    title: 'Language of short names',
    kind: 'classification',
    description: 'Tell which of 16 languages in Latin script a short name of a symbol is in.',
    origin: {
      title: 'CLDR annotations, short names',
      source: 'Names of emoji and symbols in the Unicode Common Locale Data Repository.',
      licence: 'Unicode-3.0',
    },
    dataset: 'short-names',
    form: 'labelled',
    options: splitOptions,
  },
  (head, data, options) => classificationTask(head, unambiguous(data.items), options, 'short name'),
);

const stress = taskOnData(
  {
    id: 'stress',
    title: 'Stress of English words',
    kind: 'tagging',
    description: 'Tell the stress (0, 1, 2 or none) of every phone of an English word from the phones alone.',
    origin: cmudict,
    dataset: 'cmudict',
    form: 'pronunciations',
    options: splitOptions,
  },
  (head, data, options) => taggingTask(head, stressSequences(data.entries), STRESSES, options, 'word'),
);

const birthsOptions = {
  horizon: { type: 'integer', description: 'Days to forecast', default: 1, minimum: 1, maximum: 28 },
  window: { type: 'integer', description: 'Days that the model sees', default: 28, minimum: 1, maximum: 730 },
  difference: {
    type: 'integer',
    description: 'See and forecast differences to the value this many days before; 0: the values themselves',
    default: 0,
    minimum: 0,
    maximum: 366,
  },
  calendar: {
    type: 'boolean',
    description: 'Tell the model the day of the week and of the year, of each day it sees and of the first forecast',
    default: true,
  },
} as const satisfies TaskOptions;

const births = taskOnData(
  {
    id: 'births',
    title: 'US births by day',
    kind: 'regression',
    description: 'Forecast how many children are born in the United States tomorrow; the last two years are held out.',
    origin: {
      title: 'US births, 1969 to 1988',
      source: 'Daily counts by the National Center for Health Statistics.',
      licence: 'CC0-1.0',
    },
    dataset: 'births',
    form: 'series',
    options: birthsOptions,
  },
  (head, data, options) =>
    forecastingTask(
      head,
      data,
      { quantity: 'births', unit: 'births', validationPoints: 730, naiveLags: [7, 364] },
      options,
    ),
);

const co2Options = {
  horizon: { type: 'integer', description: 'Months to forecast', default: 1, minimum: 1, maximum: 24 },
  window: { type: 'integer', description: 'Months that the model sees', default: 24, minimum: 1, maximum: 240 },
  difference: {
    type: 'integer',
    description: 'See and forecast differences to the value this many months before; 0: the values themselves',
    default: 1,
    minimum: 0,
    maximum: 24,
  },
  calendar: {
    type: 'boolean',
    description: 'Tell the model which month each value it sees and the first forecast is of',
    default: false,
  },
} as const satisfies TaskOptions;

const co2 = taskOnData(
  {
    id: 'co2',
    title: 'Carbon dioxide at Mauna Loa by month',
    kind: 'regression',
    description: 'Forecast next month’s carbon dioxide in the air at Mauna Loa; the last five years are held out.',
    origin: {
      title: 'Atmospheric CO2 at Mauna Loa, 1958 to 2020',
      source: 'Monthly means by the Scripps CO2 Program.',
      licence: 'CC-BY-4.0',
    },
    dataset: 'co2',
    form: 'series',
    options: co2Options,
  },
  (head, data, options) =>
    forecastingTask(head, data, { quantity: 'CO2', unit: 'ppm', validationPoints: 60, naiveLags: [1, 12] }, options),
);

export const realTasks: readonly TaskDefinition[] = [
  mobyDick,
  namesGender,
  namesGenerate,
  languageId,
  stress,
  ...writtenTasks,
  births,
  co2,
];
