import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import type { JsonValue } from '../../../engine/json.ts';
import type { LabelledData, PairsData, SeriesData, TaskData, TextData } from '../../../engine/tasks/data.ts';
import { ownTasks } from '../../../engine/tasks/own.ts';
import { dataNeed, makeTask, taskDefinition, taskDefinitions } from '../../../engine/tasks/registry.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { setsOf, throughFile } from './batch.ts';

const about = { name: 'Mine', origin: { title: 'Mine', source: 'Made for this test.', licence: 'MIT' } };
const TEXT: TextData = { form: 'text', about, text: 'It was a dark and stormy night. '.repeat(20) };
const LABELLED: LabelledData = {
  form: 'labelled',
  about,
  items: Array.from({ length: 60 }, (_, n) => ({ text: `word ${n} ${'x'.repeat(n)}`, label: n % 3 ? 'few' : 'many' })),
};
const SERIES: SeriesData = {
  form: 'series',
  about,
  quantity: 'rain',
  interval: 'day',
  points: Array.from({ length: 200 }, (_, n) => ({
    date: new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10),
    value: n % 7,
  })),
};

function make(id: string, data: TaskData | null, options: Readonly<Record<string, JsonValue>> = {}) {
  return makeTask({ id, dataset: 'mine-1', ...options }, 1, data);
}

test('say which dataset they need, and how much of it', () => {
  expect(dataNeed({ id: 'own-text', dataset: 'mine-1' })).toEqual({ dataset: 'mine-1', most: 20_000_000 });
  expect(dataNeed({ id: 'own-text', dataset: 'mine-1', characters: 500 })).toEqual({ dataset: 'mine-1', most: 500 });
  expect(dataNeed({ id: 'own-classification', dataset: 'mine-1', rows: 77 })).toMatchObject({ most: 77 });
  expect(dataNeed({ id: 'moby-dick' })).toEqual({ dataset: 'moby-dick', most: Infinity });
  expect(dataNeed({ id: 'parity' })).toBeNull();
});

test('are found by id, beside those that come with the program', () => {
  for (const { id } of ownTasks) {
    expect(taskDefinition(id).own).not.toBeNull();
    expect(taskDefinitions.map((task) => task.id)).not.toContain(id);
  }
});

test.each([
  [{}, 'task.dataset is missing; the task own-text needs the id of a dataset'],
  [{ dataset: 3 }, 'task.dataset is 3; it must be the id of a dataset'],
  [{ dataset: '../etc' }, 'task.dataset is "../etc"; it must be the id of a dataset'],
  [{ dataset: 'mine-1', letters: 3 }, 'task.letters is not a known field'],
  [{ dataset: 'mine-1', characters: 1 }, 'task.characters is 1; it must be a whole number from 4'],
])('refuse options that are not right (%#)', (options, message) => {
  for (const use of [
    () => dataNeed({ id: 'own-text', ...options }),
    () => makeTask({ id: 'own-text', ...options }, 1, TEXT),
  ]) {
    expect(use).toThrow(InputError);
    expect(use).toThrow(message);
  }
});

test('refuse data of another form', () => {
  expect(() => make('own-text', LABELLED)).toThrow(
    'the dataset "mine-1" is of the form "labelled"; the task own-text needs one of the form "text"',
  );
  expect(() => make('own-text', null)).toThrow('the dataset "mine-1" is not there');
});

test.each([
  ['own-text', TEXT, 'language'],
  ['own-classification', LABELLED, 'classification'],
  ['own-generation', LABELLED, 'generation'],
  ['own-forecasting', SERIES, 'regression'],
] as const)('%s is named after its dataset, and its codec comes back from its state', (id, data, kind) => {
  const task = make(id, data);
  expect(task).toMatchObject({ id, kind, title: 'Mine', origin: about.origin });
  expect(restoreCodec(throughFile(task.state))).toMatchObject({ kind, input: task.input, output: task.output });
});

describe('a text', () => {
  test('is used up to as many characters as are asked for', () => {
    const task = make('own-text', TEXT, { characters: 100 });
    const lengths = [task.train, task.validation].map((split) => split.form === 'stream' && split.tokens.length);
    expect(lengths).toEqual([90, 10]);
  });
});

describe('texts', () => {
  test('are cut to be classified', () => {
    const { train, validation } = setsOf(make('own-classification', LABELLED, { longest: 10 }));
    expect([train.maxSteps, train.count + validation.count]).toEqual([10, 60]);
  });

  test('are left out where they are too long to be grown', () => {
    const { train, validation } = setsOf(make('own-generation', LABELLED, { longest: 20 }));
    const short = LABELLED.items.filter(({ text }) => text.length <= 20).length;
    expect(train.count + validation.count).toBe(short);
    expect(() => make('own-generation', LABELLED, { longest: 3 })).toThrow(
      'no text of the dataset has at most 3 characters',
    );
  });

  test('are used up to as many rows as are asked for', () => {
    const { train, validation } = setsOf(make('own-classification', LABELLED, { rows: 20 }));
    expect(train.count + validation.count).toBe(20);
  });

  test('of one wording in several classes are left out', () => {
    const items = [...LABELLED.items, { text: 'word 5 xxxxx', label: 'many' }];
    const { train, validation } = setsOf(make('own-classification', { ...LABELLED, items }));
    expect(train.count + validation.count).toBe(59);
  });
});

describe('a series', () => {
  test('holds out its last part', () => {
    const { train, validation } = setsOf(
      make('own-forecasting', SERIES, { window: 10, difference: 0, validationShare: 0.2 }),
    );
    expect([train.count, validation.count]).toEqual([200 - 40 - 10, 40]);
    expect(validation.describe(0).target).toBe('2020-06-09: 6 rain');
  });

  test('is compared with the value one step and one week before', () => {
    const names = make('own-forecasting', SERIES)
      .baselines()
      .map(({ name }) => name);
    expect([...new Set(names)]).toEqual(["last day's value", 'value 7 days before', 'mean of the training part']);
    const week = make('own-forecasting', SERIES)
      .baselines()
      .find(({ name }) => name === 'value 7 days before');
    expect(week?.metric.value).toBe(0);
  });

  test('without dates knows no calendar', () => {
    const points = SERIES.points.map(({ value }, n) => ({ date: String(n + 1), value }));
    const task = make('own-forecasting', { ...SERIES, interval: 'step', points });
    expect(task.input).toEqual({ kind: 'values', names: ['rain, difference to 1 step before'] });
    expect(task.codec.encode([...Array(29).keys()]).steps).toBe(28);
    expect(make('own-forecasting', SERIES).input).toMatchObject({ names: { length: 1 + 2 * 15 } });
  });

  test('that is too short for its windows says so', () => {
    const points = SERIES.points.slice(0, 20);
    expect(() => make('own-forecasting', { ...SERIES, points })).toThrow(
      'windows of 29 values and 1 more to forecast leave 0',
    );
  });
});

describe('pairs of texts', () => {
  const pairs: PairsData = {
    form: 'pairs',
    about,
    pairs: Array.from({ length: 80 }, (_, n) => ({ source: `count ${n}`, target: `${n} ${'i'.repeat(n % 9)}`.trim() })),
  };

  test('are read character by character or word by word', () => {
    const characters = make('own-translation', pairs);
    expect(characters).toMatchObject({ kind: 'translation', title: 'Mine' });
    const { train, validation } = setsOf(characters);
    expect(train.count + validation.count).toBe(80);
    expect(setsOf(make('own-translation', pairs, { nearDuplicates: false })).validation.count).toBe(8);
    const words = make('own-translation', pairs, { symbols: 'words' });
    expect(setsOf(words).train.maxSourceSteps).toBe(2);
    expect(words.codec.encode('count count').steps).toBe(2);
  });

  test('that are long or empty are left out, and those that are there twice count once', () => {
    const twice = { ...pairs, pairs: [...pairs.pairs, ...pairs.pairs, { source: '', target: 'x' }] };
    const { train, validation } = setsOf(make('own-translation', twice, { longest: 7 }));
    const short = pairs.pairs.filter(({ source, target }) => source.length <= 7 && target.length <= 7);
    expect(train.count + validation.count).toBe(short.length);
    expect(() => make('own-translation', pairs, { longest: 1 })).toThrow(
      'no pair of the dataset has 1 to 1 characters on both sides',
    );
  });

  test('of one source stay on one side', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ source: `s${n % 12}`, target: `t${n}` }));
    const { train, validation } = setsOf(make('own-translation', { ...pairs, pairs: many }, { validationShare: 0.3 }));
    const inputs = (set: typeof train) => Array.from({ length: set.count }, (_, i) => set.describe(i).input);
    const held = new Set(inputs(validation));
    expect(held.size).toBe(4);
    expect(inputs(train).some((input) => held.has(input))).toBe(false);
  });
});
