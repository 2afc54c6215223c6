import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { classificationTask } from '../../../engine/tasks/classification.ts';
import { NaiveBayes } from '../../../engine/tasks/naive-bayes.ts';
import { unambiguous } from '../../../engine/tasks/prepare.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { evaluate, inputKey, perfectLabels, setsOf, single, throughFile } from './batch.ts';
import { head } from './head.ts';

const WORDS = Array.from({ length: 60 }, (_, n) => ({
  text: `w${n.toString(3)}`,
  label: n % 3 === 0 ? 'fizz' : 'plain',
}));
const OPTIONS = { validationShare: 0.25, split: 1 };
const task = classificationTask(head, WORDS, OPTIONS, 'word');

describe('a classification task', () => {
  test('holds out a share of the texts and writes symbols and class', () => {
    const { train, validation } = setsOf(task);
    expect([train.count, validation.count]).toEqual([45, 15]);
    for (const set of [train, validation]) {
      for (let item = 0; item < set.count; item++) {
        const { input, target } = set.describe(item);
        const { tokens, targetLabels, lengths } = single(task, set, item);
        expect(lengths[0]).toBe(input.length);
        expect(set.stepsOf(item)).toBe(input.length);
        expect(Array.from(tokens!, (token) => task.input.kind === 'tokens' && task.input.symbols[token]).join('')).toBe(
          input,
        );
        expect(['fizz', 'plain'][targetLabels![0]!]).toBe(target);
        expect(WORDS).toContainEqual({ text: input, label: target });
      }
    }
  });

  test('no text is on both sides, whatever the letter case, the order of the data and the split', () => {
    const items = fc.array(fc.record({ text: fc.string({ minLength: 1, maxLength: 3 }), label: fc.constant('a') }), {
      minLength: 4,
      maxLength: 60,
    });
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 100 }), (given, split) => {
        fc.pre(new Set(given.map(({ text }) => text.toLowerCase())).size > 1);
        const made = classificationTask(head, given, { validationShare: 0.3, split }, 'text');
        const { train, validation } = setsOf(made);
        const side = (set: typeof train) =>
          new Set(Array.from({ length: set.count }, (_, i) => set.describe(i).input.toLowerCase()));
        const held = side(validation);
        expect([...side(train)].filter((text) => held.has(text))).toEqual([]);
        const turned = setsOf(classificationTask(head, [...given].reverse(), { validationShare: 0.3, split }, 'text'));
        expect(side(turned.validation)).toEqual(held);
      }),
    );
  });

  test('equal splits are equal and others are not', () => {
    const held = (split: number) => {
      const made = classificationTask(head, WORDS, { ...OPTIONS, split }, 'word');
      const { validation } = setsOf(made);
      return Array.from({ length: validation.count }, (_, i) => inputKey(made, validation, i));
    };
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  test('symbols that only the validation part has are the unknown one', () => {
    const odd = { text: 'w2é1', label: 'plain' };
    const splits = Array.from({ length: 20 }, (_, split) =>
      classificationTask(head, [...WORDS, odd], { ...OPTIONS, split }, 'word'),
    );
    let held = 0;
    for (const made of splits) {
      const { validation } = setsOf(made);
      const item = Array.from({ length: validation.count }, (_, i) => validation.describe(i).input).indexOf(odd.text);
      const symbols = made.input.kind === 'tokens' ? made.input.symbols : [];
      expect(symbols.includes('é')).toBe(item < 0);
      if (item >= 0) {
        held++;
        const written = Array.from(single(made, validation, item).tokens!, (token) => symbols[token]);
        expect(written).toEqual(['w', '2', '<unknown>', '1']);
      }
    }
    expect(held).toBeGreaterThan(0);
  });

  test('counts what was taken for what', () => {
    const right = evaluate(task, perfectLabels(2, 'sequence'));
    expect(right.metrics[0]).toMatchObject({ name: 'accuracy', value: 1, better: 'higher' });
    const always = evaluate(task, (_buffers, _steps, b, outputs) => (outputs[b * 2 + 1] = 1));
    const [[fizzRight, fizzWrong], [plainWrong, plainRight]] = always.confusion!.counts as [
      [number, number],
      [number, number],
    ];
    expect([fizzRight, plainWrong]).toEqual([0, 0]);
    expect(fizzWrong + plainRight).toBe(15);
    expect(always.metrics[0]!.value).toBe(plainRight / 15);
    expect(task.baselines()[0]).toMatchObject({ name: 'most frequent class', metric: { value: plainRight / 15 } });
  });

  test.each([
    [[{ text: 'a', label: 'x' }], 'the data have 1 different texts; a training and a validation part need 2'],
    [
      [
        { text: 'a', label: 'x' },
        { text: '', label: 'x' },
      ],
      'text 2 of the data is empty',
    ],
    [
      [
        { text: 'a', label: 'x' },
        { text: 'a', label: 'y' },
      ],
      'the text "a" is in the class "x" and in "y"',
    ],
    [
      [
        { text: 'a', label: 'x' },
        { text: 'b', label: 'y' },
      ],
      'the training part needs a text of every class, which leaves none of 2 to validate',
    ],
  ])('refuses data it cannot use (%#)', (items, message) => {
    const use = () => classificationTask(head, items, OPTIONS, 'text');
    expect(use).toThrow(InputError);
    expect(use).toThrow(message);
  });
});

test('the training part has every class, rare ones too', () => {
  const rare = [...WORDS, { text: 'once', label: 'rare' }];
  for (let split = 0; split < 30; split++) {
    const made = setsOf(classificationTask(head, rare, { ...OPTIONS, split }, 'word'));
    const classes = Array.from({ length: made.train.count }, (_, i) => made.train.describe(i).target);
    expect(new Set(classes)).toEqual(new Set(['fizz', 'plain', 'rare']));
    expect(made.train.count + made.validation.count).toBe(rare.length);
  }
});

test('its codec, restored from its state, takes a text and names the class', () => {
  const codec = restoreCodec(throughFile(task.state));
  const encoded = codec.encode('w21');
  expect(encoded).toEqual(task.codec.encode(['w', '2', '1']));
  expect(codec.decode(encoded, Float32Array.of(0.25, 0.75))).toEqual({
    label: 'plain',
    probabilities: { fizz: 0.25, plain: 0.75 },
  });
  expect(() => codec.decode(encoded, new Float32Array(3))).toThrow(RangeError);
});

test('texts under two labels are left out, the others stay once', () => {
  const items = [
    { text: 'Ann', label: 'f' },
    { text: 'Kim', label: 'f' },
    { text: 'Kim', label: 'm' },
    { text: 'Kim', label: 'f' },
    { text: 'Ann', label: 'f' },
    { text: 'Bob', label: 'm' },
  ];
  expect(unambiguous(items)).toEqual([
    { text: 'Ann', label: 'f' },
    { text: 'Bob', label: 'm' },
  ]);
});

test('naive Bayes weighs symbols by how often each class has them', () => {
  // Class 0: symbols 0 0 1; class 1: symbols 1 1 1 2, two sequences of three. By hand with Laplace's rule:
  // p(0|0) = 3/6, p(1|0) = 2/6, p(2|0) = 1/6; p(0|1) = 1/7, p(1|1) = 4/7, p(2|1) = 2/7; priors 1/3 and 2/3.
  const bayes = new NaiveBayes([Int32Array.of(0, 0, 1), Int32Array.of(1, 1), Int32Array.of(1, 2)], [0, 1, 1], 2, 3);
  expect(bayes.classify(Int32Array.of(0))).toBe(0);
  expect(bayes.classify(Int32Array.of(1))).toBe(1);
  // 1/3 (3/6)^2 (2/6)^3 = 0.0031 against 2/3 (1/7)^2 (4/7)^3 = 0.0025
  expect(bayes.classify(Int32Array.of(0, 0, 1, 1, 1))).toBe(0);
  // 1/3 3/6 (2/6)^2 = 0.0185 against 2/3 1/7 (4/7)^2 = 0.0311
  expect(bayes.classify(Int32Array.of(0, 1, 1))).toBe(1);
});
