import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../engine/json.ts';
import { BLANK } from '../../../../engine/tasks/aligned.ts';
import { taskDefinition } from '../../../../engine/tasks/registry.ts';
import { restoreCodec } from '../../../../engine/tasks/restore.ts';
import { IGNORED, type Task } from '../../../../engine/tasks/task.ts';
import { evaluate, perfectLabels, setsOf, single, throughFile } from '../batch.ts';

function make(id: string, options: JsonValue = {}, seed = 1): Task {
  return taskDefinition(id).make(options, seed, null);
}

const ANSWERS: Readonly<Record<string, (source: string) => string>> = {
  addition: (source) => String(source.split('+').reduce((sum, part) => sum + Number(part), 0)),
  reversal: (source) => Array.from(source).reduce((rest, symbol) => symbol + rest, ''),
  sorting: (source) => Array.from(source).sort().join(''),
};

describe.each(Object.keys(ANSWERS))('%s', (id) => {
  const answer = ANSWERS[id]!;
  const task = make(id);
  const aligned = make(`${id}-aligned`);

  test('asks for what it is named after', () => {
    for (const set of Object.values(setsOf(task))) {
      for (let item = 0; item < 200; item++) {
        const { input, target } = set.describe(item);
        expect(target).toBe(answer(input));
        const { tokens, sourceTokens } = single(task, set, item);
        const symbols = task.input.kind === 'tokens' ? task.input.symbols : [];
        expect(Array.from(sourceTokens!, (token) => symbols[token]).join('')).toBe(input);
        expect(task.codec.target!.write(tokens!.subarray(1))).toBe(target);
      }
    }
  });

  test('has the same items in its aligned form, filled up with blanks', () => {
    const symbols = aligned.input.kind === 'tokens' ? aligned.input.symbols : [];
    const labels = aligned.output.kind === 'labels' ? aligned.output.labels : [];
    for (const side of ['train', 'validation'] as const) {
      const set = setsOf(aligned)[side];
      for (let item = 0; item < 100; item++) {
        const { input, target } = set.describe(item);
        expect({ input, target }).toEqual(setsOf(task)[side].describe(item));
        const { tokens, targetLabels } = single(aligned, set, item);
        expect(Array.from(tokens!, (token) => symbols[token]).join('')).toBe(input.padEnd(set.maxSteps, BLANK));
        const asked = Array.from(targetLabels!).filter((label) => label !== IGNORED);
        const end = target.length < set.maxSteps ? BLANK : '';
        expect(asked.map((label) => labels[label]).join('')).toBe(target + end);
      }
    }
  });

  test('finds perfect answers exact', () => {
    for (const made of [make(id, { validationItems: 60 }), make(`${id}-aligned`, { validationItems: 60 })]) {
      const labels = made.output.kind === 'labels' ? made.output.labels.length : 0;
      const { metrics } = evaluate(made, perfectLabels(labels, 'step'));
      expect(metrics.find(({ name }) => name === 'exactMatch')!.value).toBe(1);
      const [frequent] = made.baselines();
      expect(frequent!.metric.value).toBeLessThan(0.2);
    }
  });
});

test('reversal holds out strings longer than any in training, and counts them apart', () => {
  const task = make('reversal', { longest: 8, beyond: 4, validationItems: 200 });
  const { train, validation } = setsOf(task);
  const lengths = (set: typeof train, count: number) =>
    Array.from({ length: count }, (_, item) => set.describe(item).input.length);
  expect(Math.max(...lengths(train, 2000))).toBe(8);
  const held = lengths(validation, 200);
  expect(Math.max(...held)).toBe(12);
  expect(held.filter((length) => length > 8)).toHaveLength(100);
  const labels = task.output.kind === 'labels' ? task.output.labels.length : 0;
  const perfect = perfectLabels(labels, 'step');
  const { metrics } = evaluate(task, (buffers, steps, b, outputs) => {
    if (buffers.sourceLengths![b]! <= 8) perfect(buffers, steps, b, outputs);
  });
  const valueOf = (name: string) => metrics.find((metric) => metric.name === name)!.value;
  expect([valueOf('exactMatchTrained'), valueOf('exactMatchBeyond'), valueOf('exactMatch')]).toEqual([1, 0, 0.5]);
});

test('half of what is decoded freely at an evaluation of reversal is longer than any trained', () => {
  const task = make('reversal', { longest: 8, beyond: 4, validationItems: 1000 });
  const { validation } = setsOf(task);
  const { decodes } = task.evaluator();
  expect(new Set(decodes).size).toBe(500);
  const beyond = decodes!.filter((item) => validation.describe(item).input.length > 8).length;
  expect(beyond).toBeGreaterThan(200);
  expect(beyond).toBeLessThan(300);
});

test('strings that are too few to hold some out are refused', () => {
  expect(() => make('reversal', { shortest: 1, longest: 4, alphabet: 2 })).toThrow(
    'task.longest is 4 with task.alphabet 2, which makes 16 strings of that length; there must be at least 1000',
  );
  expect(() => make('sorting', { shortest: 9, longest: 8 })).toThrow('task.shortest is 9; it must be at most');
});

describe('the codec of an aligned task', () => {
  const task = make('addition-aligned');
  const codec = restoreCodec(throughFile(task.state));

  test('fills up with blanks, and reads answers up to the first one', () => {
    const encoded = codec.encode('12+3');
    expect(encoded.steps).toBe(7);
    expect(encoded.tokens!.slice(4)).toEqual(new Int32Array(3));
    const labels = codec.output.kind === 'labels' ? codec.output.labels : [];
    const outputs = new Float32Array(7 * labels.length);
    Array.from(`15${BLANK}9999`).forEach((label, t) => (outputs[t * labels.length + labels.indexOf(label)] = 1));
    expect(codec.decode(encoded, outputs)).toMatchObject({ target: '15' });
  });

  test('refuses what is too long or not known', () => {
    expect(() => codec.encode('1234+5678')).toThrow('the input has 9 characters; this model was trained on at most 7');
    expect(() => codec.encode('1-2')).toThrow('character 2 of the input is "-"');
  });
});
