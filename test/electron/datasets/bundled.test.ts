/** The bundled data against the facts known of them, and the tasks made of them against leaks. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { bundledDatasets, loadBundledDataset } from '../../../electron/datasets/bundled.ts';
import { readPackageText } from '../../../electron/datasets/packages.ts';
import { InputError } from '../../../engine/errors.ts';
import type { JsonValue } from '../../../engine/json.ts';
import type { TaskData } from '../../../engine/tasks/data.ts';
import { taskDefinition, taskDefinitions } from '../../../engine/tasks/registry.ts';
import type { SequenceSet, Task } from '../../../engine/tasks/task.ts';
import { inputKey, itemKey, setsOf } from '../../engine/tasks/batch.ts';

// Every bundled dataset is read in whole.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const data = new Map<string, TaskData>();

beforeAll(async () => {
  for (const id of bundledDatasets) {
    data.set(id, await loadBundledDataset(id));
  }
});

function dataOf<F extends TaskData['form']>(id: string, form: F): Extract<TaskData, { readonly form: F }> {
  const found = data.get(id)!;
  expect(found.form).toBe(form);
  return found as Extract<TaskData, { readonly form: F }>;
}

function make(id: string, options: JsonValue = {}): Task {
  const definition = taskDefinition(id);
  return definition.make(options, 1, data.get(definition.dataset!)!);
}

function baseline(task: Task, name: string): number {
  return task.baselines().find((found) => found.name === name)!.metric.value;
}

function inputs(task: Task, set: SequenceSet): readonly string[] {
  return Array.from({ length: set.count }, (_, item) => inputKey(task, set, item));
}

test('every task on data has its dataset, and every dataset its tasks', () => {
  const wanted = new Set(taskDefinitions.flatMap(({ dataset }) => dataset ?? []));
  expect([...wanted].sort()).toEqual([...bundledDatasets].sort());
});

test('Moby-Dick: 1,190,317 characters, 83 symbols, the last tenth held out', () => {
  const { text } = dataOf('moby-dick', 'text');
  expect(Array.from(text).length).toBe(1_190_317);
  expect(new Set(text).size).toBe(83);
  const { train, validation, input } = make('moby-dick');
  const symbols = input.kind === 'tokens' ? input.symbols : [];
  const tokens = (split: typeof train) => (split.form === 'stream' ? split.tokens : new Int32Array(0));
  expect(tokens(validation).length).toBe(119_032);
  const restored = Array.from(tokens(train), (token) => symbols[token]!).join('');
  expect(text.startsWith(restored)).toBe(true);
  const held = Array.from(text.slice(restored.length));
  tokens(validation).forEach((token, t) => {
    if (token === 0 ? restored.includes(held[t]!) : symbols[token] !== held[t]) {
      throw new Error(`validation character ${t} is ${held[t]}, written as ${token}`);
    }
  });
});

describe('names', () => {
  test('3,897 male and 4,944 female, 419 in both', () => {
    const { items } = dataOf('names', 'labelled');
    const of = (label: string) => new Set(items.filter((item) => item.label === label).map(({ text }) => text));
    const [male, female] = [of('male'), of('female')];
    expect([male.size, female.size]).toEqual([3897, 4944]);
    expect([...male].filter((name) => female.has(name))).toHaveLength(419);
  });

  test.each(['names-gender', 'names-generate'])('%s leaves out those in both and shares none', (id) => {
    const task = make(id);
    const { train, validation } = setsOf(task);
    expect([train.count, validation.count]).toEqual([7203, 800]);
    const name = ({ input, target }: { input: string; target: string }) => (id === 'names-gender' ? input : target);
    const names = (set: SequenceSet) => Array.from({ length: set.count }, (_, i) => name(set.describe(i)));
    const held = new Set(names(validation));
    expect(names(train).filter((text) => held.has(text))).toEqual([]);
    expect(new Set([...names(train), ...held]).size).toBe(3897 + 4944 - 2 * 419);
    expect([...names(train), ...held]).not.toContain('Robin');
  });
});

test('short names: 28,519 that are in one of 16 languages only', () => {
  const task = make('language-id');
  const { train, validation } = setsOf(task);
  expect(train.count + validation.count).toBe(28_519);
  expect(task.output.kind === 'labels' && task.output.labels).toHaveLength(16);
  const held = new Set(inputs(task, validation));
  expect(inputs(task, train).filter((key) => held.has(key))).toEqual([]);
  expect(baseline(task, 'most frequent class')).toBeLessThan(0.1);
  expect(baseline(task, 'letter frequencies (naive Bayes)')).toBeGreaterThan(0.5);
});

describe('the pronouncing dictionary', () => {
  test('116,506 words of A to Z with 39 phones', () => {
    const { entries } = dataOf('cmudict', 'pronunciations');
    const plain = entries.filter(({ word }) => /^[A-Z]+$/.test(word));
    expect(plain).toHaveLength(116_506);
    const phones = new Set(entries.flatMap((entry) => entry.phones.replaceAll(/[012]/g, '').split(' ')));
    expect(phones.size).toBe(39);
    const stresses = new Map<string, number>();
    for (const phone of plain.flatMap((entry) => entry.phones.split(' '))) {
      const stress = /[012]$/.exec(phone)?.[0] ?? 'none';
      stresses.set(stress, (stresses.get(stress) ?? 0) + 1);
    }
    const thousands = ['0', '1', '2', 'none'].map((stress) => Math.round(stresses.get(stress)! / 1000));
    expect(thousands).toEqual([141, 118, 28, 449]);
  });

  test('has no sequence of phones, and no word, on both sides of the stress task', () => {
    const task = make('stress');
    const { train, validation } = setsOf(task);
    const { entries } = dataOf('cmudict', 'pronunciations');
    expect(train.count + validation.count).toBe(entries.length);
    expect(validation.count / entries.length).toBeGreaterThan(0.09);
    expect(validation.count / entries.length).toBeLessThan(0.11);
    const held = new Set(inputs(task, validation));
    expect(inputs(task, train).filter((key) => held.has(key))).toEqual([]);
    // A word's pronunciations are found again by their phones, which are on one side only.
    const spelt = new Set(Array.from({ length: validation.count }, (_, i) => validation.describe(i).input));
    const sides = new Map<string, Set<boolean>>();
    for (const { word, phones } of entries) {
      const base = word.replace(/\(\d+\)$/, '');
      const side = spelt.has(phones.replaceAll(/[012]/g, ''));
      sides.set(base, (sides.get(base) ?? new Set()).add(side));
    }
    expect([...sides].filter(([, found]) => found.size > 1)).toEqual([]);
    expect(baseline(task, 'most frequent tag')).toBeCloseTo(0.61, 2);
  });
});

describe('US births', () => {
  test('7,305 days in a row', () => {
    const { points } = dataOf('births', 'series');
    expect(points).toHaveLength(7305);
    expect([points[0], points.at(-1)]).toEqual([
      { date: '1969-01-01', value: 8486 },
      { date: '1988-12-31', value: 9133 },
    ]);
    points.forEach(({ date }, n) => expect(date).toBe(new Date(Date.UTC(1969, 0, 1 + n)).toISOString().slice(0, 10)));
  });

  test('730 days held out, on which naive forecasts miss by 312 and 328', () => {
    const task = make('births');
    const { train, validation } = setsOf(task);
    expect([train.count, validation.count]).toEqual([7305 - 730 - 28, 730]);
    expect(train.describe(train.count - 1).target).toMatch(/^1987-01-01: /);
    expect(validation.describe(0).target).toMatch(/^1987-01-02: /);
    expect(Math.round(baseline(task, 'value 7 days before'))).toBe(312);
    expect(Math.round(baseline(task, 'value 364 days before'))).toBe(328);
  });
});

describe('carbon dioxide', () => {
  test('741 months', () => {
    const { points } = dataOf('co2', 'series');
    expect(points).toHaveLength(741);
    expect([points[0], points.at(-1)]).toEqual([
      { date: '1958-03-01', value: 315.7 },
      { date: '2020-04-01', value: 416.18 },
    ]);
  });

  test('five years held out, on which naive forecasts miss by 1.28 and 2.61 ppm', () => {
    const task = make('co2');
    const { validation } = setsOf(task);
    expect(validation.count).toBe(60);
    expect(validation.describe(0).target).toBe('2015-05-01: 404.1 ppm');
    expect(baseline(task, "last month's value").toFixed(2)).toBe('1.28');
    expect(baseline(task, 'value 12 months before').toFixed(2)).toBe('2.61');
  });
});

test.each(taskDefinitions.filter(({ dataset }) => dataset !== null).map(({ id }) => id))(
  '%s is the same each time it is made, and its codec takes its own example',
  (id) => {
    const [first, second] = [make(id), make(id)];
    expect(second.state).toEqual(first.state);
    if (first.train.form === 'set') {
      const key = (task: Task) => Array.from({ length: 20 }, (_, i) => itemKey(task, setsOf(task).train, i * 10));
      expect(key(second)).toEqual(key(first));
    }
    const { example } = first.state;
    if (typeof example === 'string' && first.kind !== 'regression') {
      expect(first.codec.encode(example).steps).toBeGreaterThan(0);
    }
  },
);

test('what is not there is named', async () => {
  await expect(loadBundledDataset('moby')).rejects.toThrow(InputError);
  await expect(loadBundledDataset('moby')).rejects.toThrow(
    'the dataset "moby" is not known; known are moby-dick, names',
  );
  await expect(readPackageText('no-such-package-here', 'x')).rejects.toThrow(
    'package no-such-package-here is not installed',
  );
  await expect(readPackageText('vega-datasets', 'data/none.csv')).rejects.toThrow(/none\.csv cannot be read \(ENOENT/);
});
