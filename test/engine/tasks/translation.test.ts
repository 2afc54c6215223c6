import { describe, expect, test } from 'vitest';
import { FormatError, InputError } from '../../../engine/errors.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';
import { translationTask, type Pair } from '../../../engine/tasks/translation.ts';
import { END, START, UNKNOWN } from '../../../engine/tasks/vocabulary.ts';
import { evaluate, itemKey, perfectLabels, setsOf, single, throughFile } from './batch.ts';
import { head } from './head.ts';

const CHARACTERS = { separators: { source: '', target: '' }, what: 'number' } as const;
const SPLIT = { validationShare: 0.2, split: 4 };

/** Numbers with as many strokes: "12" -> "||||||||||||". */
const PAIRS: readonly Pair[] = Array.from({ length: 60 }, (_, n) => ({
  source: String(n * n),
  target: '|'.repeat((n % 7) + 1),
}));

const task = translationTask(head, PAIRS, SPLIT, CHARACTERS);
const { train, validation } = setsOf(task);
const labels = task.output.kind === 'labels' ? task.output.labels : [];
const { start, end } = task.boundaries!;

describe('a translation task', () => {
  test('feeds the decoder the start and the target, and asks for the target and the end', () => {
    expect(labels.slice(0, 3)).toEqual([START, END, UNKNOWN]);
    expect(train.count + validation.count).toBe(PAIRS.length);
    for (let item = 0; item < train.count; item++) {
      const { sourceTokens, sourceLengths, tokens, targetLabels, lengths } = single(task, train, item);
      const { input, target } = train.describe(item);
      const symbols = task.input.kind === 'tokens' ? task.input.symbols : [];
      expect(Array.from(sourceTokens!, (token) => symbols[token]).join('')).toBe(input);
      expect(sourceLengths![0]).toBe(input.length);
      expect(train.sourceStepsOf!(item)).toBe(input.length);
      expect(lengths[0]).toBe(target.length + 1);
      expect(tokens![0]).toBe(start);
      expect(targetLabels!.at(-1)).toBe(end);
      expect(tokens!.slice(1)).toEqual(targetLabels!.slice(0, -1));
      expect(task.codec.target!.write(tokens!.slice(1))).toBe(target);
    }
  });

  test('leaves the rest of a column as it was', () => {
    const buffers = {
      maxSteps: 9,
      batchSize: 2,
      maxSourceSteps: 5,
      sourceTokens: new Int32Array(10),
      sourceLengths: new Int32Array(2),
      tokens: new Int32Array(18),
      targetLabels: new Int32Array(18).fill(IGNORED),
      lengths: new Int32Array(2),
    };
    train.write(3, buffers, 1);
    const even = (values: Int32Array) => values.filter((_, i) => i % 2 === 0);
    expect(new Set([...even(buffers.sourceTokens), ...even(buffers.tokens)])).toEqual(new Set([0]));
    expect(new Set(even(buffers.targetLabels))).toEqual(new Set([IGNORED]));
    expect(buffers.lengths[0]).toBe(0);
    expect(() => train.write(0, { ...buffers, maxSourceSteps: 0 }, 0)).toThrow(RangeError);
  });

  test('holds out whole groups, which never occur in training', () => {
    const grouped = PAIRS.map((pair, n) => ({ ...pair, group: `group ${Math.floor(n / 3)}` }));
    const sets = setsOf(translationTask(head, grouped, SPLIT, CHARACTERS));
    const groupsOf = (set: typeof train) =>
      new Set(
        Array.from({ length: set.count }, (_, i) => {
          const { input } = set.describe(i);
          return grouped.find(({ source }) => source === input)!.group;
        }),
      );
    const held = groupsOf(sets.validation);
    expect(held.size).toBe(4);
    expect([...groupsOf(sets.train)].filter((group) => held.has(group))).toEqual([]);
    const keys = new Set(Array.from({ length: train.count }, (_, i) => itemKey(task, train, i)));
    for (let i = 0; i < validation.count; i++) expect(keys.has(itemKey(task, validation, i))).toBe(false);
  });

  test('takes what the training part does not have for the unknown symbol', () => {
    const odd = translationTask(
      head,
      [...PAIRS, { source: '\u2603', target: '\u2604' }],
      { validationShare: 0.99, split: 2 },
      CHARACTERS,
    );
    const unknown = setsOf(odd).validation;
    const i = Array.from({ length: unknown.count }, (_, n) => n).find((n) => unknown.describe(n).input === '\u2603')!;
    expect(single(odd, unknown, i).sourceTokens![0]).toBe(0);
    expect(single(odd, unknown, i).targetLabels![0]).toBe(2);
  });

  test('refuses an empty side', () => {
    const pairs = [...PAIRS, { source: 'x', target: '' }];
    expect(() => translationTask(head, pairs, SPLIT, CHARACTERS)).toThrow('the pair ["x",""] has an empty side');
  });
});

describe('the evaluation of a translation task', () => {
  const perfect = perfectLabels(labels.length, 'step');
  const valueOf = (evaluation: ReturnType<typeof evaluate>, name: string) =>
    evaluation.metrics.find((metric) => metric.name === name)?.value;

  test('finds perfect answers exact in every quarter', () => {
    const evaluation = evaluate(task, perfect);
    expect(evaluation.metrics.map(({ name }) => name)).toEqual([
      'exactMatch',
      'symbolErrorRate',
      'symbolAccuracy',
      'crossEntropy',
      'exactMatchQuarter1',
      'exactMatchQuarter2',
      'exactMatchQuarter3',
      'exactMatchQuarter4',
    ]);
    for (const name of ['exactMatch', 'symbolAccuracy', 'exactMatchQuarter1', 'exactMatchQuarter4']) {
      expect(valueOf(evaluation, name)).toBe(1);
    }
    expect(evaluation.lengths!.reduce((sum, { items }) => sum + items, 0)).toBe(validation.count);
  });

  test('one wrong symbol spoils its item, in its quarter and at its length', () => {
    const sources = Array.from({ length: validation.count }, (_, i) => validation.sourceStepsOf!(i));
    const longest = sources.lastIndexOf(Math.max(...sources));
    const evaluation = evaluate(task, (buffers, steps, b, outputs) => {
      perfect(buffers, steps, b, outputs);
      const spoilt = single(task, validation, longest);
      const length = spoilt.lengths[0]!;
      const same = [...spoilt.sourceTokens!].every((token, s) => buffers.sourceTokens![s * 7 + b] === token);
      if (same && buffers.sourceLengths![b] === spoilt.sourceLengths![0]) {
        const row = (length - 1) * 7 + b;
        outputs.fill(0, row * labels.length, (row + 1) * labels.length);
        outputs[row * labels.length + 3] = 1;
      }
    });
    expect(valueOf(evaluation, 'exactMatch')).toBeCloseTo(1 - 1 / validation.count, 12);
    expect(valueOf(evaluation, 'exactMatchQuarter1')).toBe(1);
    expect(valueOf(evaluation, 'exactMatchQuarter4')).toBeLessThan(1);
    expect(valueOf(evaluation, 'symbolAccuracy')).toBeLessThan(1);
    const last = evaluation.lengths!.at(-1)!;
    expect(last.items - last.exact).toBe(1);
  });

  test('never takes START or the unknown symbol for an answer', () => {
    const evaluation = evaluate(task, (buffers, steps, b, outputs) => {
      perfect(buffers, steps, b, outputs);
      for (let t = 0; t < steps; t++) {
        const at = (t * 7 + b) * labels.length;
        outputs[at + labels.indexOf(START)] = 2;
        outputs[at + labels.indexOf(UNKNOWN)] = 3;
      }
    });
    expect(valueOf(evaluation, 'exactMatch')).toBe(1);
  });

  test('compares free decodings with the target, symbol by symbol', () => {
    const evaluator = task.evaluator();
    const stroke = labels.indexOf('|');
    let symbols = 0;
    expect(evaluator.decodes).toEqual(Array.from({ length: validation.count }, (_, i) => i));
    for (const item of evaluator.decodes!) {
      const length = validation.stepsOf(item) - 1;
      symbols += length;
      // Every decoding has one stroke too many.
      evaluator.addDecoded!(item, new Int32Array(length + 1).fill(stroke));
    }
    const rate = evaluator.finish().metrics.find(({ name }) => name === 'symbolErrorRate')!;
    expect(rate.value).toBeCloseTo(validation.count / symbols, 12);
    expect(rate.better).toBe('lower');
  });

  test('knows what trivial predictors reach', () => {
    const [frequent, after] = task.baselines();
    const strokes = (set: typeof train) => Array.from({ length: set.count }, (_, i) => set.describe(i).target);
    const counts = new Map<string, number>();
    for (const target of strokes(train)) counts.set(target, (counts.get(target) ?? 0) + 1);
    const best = Math.max(...counts.values());
    const shares = [...counts]
      .filter(([, count]) => count === best)
      .map(([target]) => strokes(validation).filter((other) => other === target).length / validation.count);
    expect(shares).toContain(frequent!.metric.value);
    // After a stroke another one is the most frequent; the start is always followed by one, the end never guessed.
    const targets = strokes(validation);
    const all = targets.reduce((sum, target) => sum + target.length + 1, 0);
    expect(after!.metric.value).toBeCloseTo((all - targets.length) / all, 12);
  });
});

describe('the codec of a translation task', () => {
  const codec = restoreCodec(throughFile(task.state));

  test('is restored from the state alone', () => {
    expect(codec).toMatchObject({ kind: 'translation', input: task.input, output: task.output });
    expect(codec.boundaries).toEqual(task.boundaries);
    const { tokens, steps } = codec.encode('1024');
    expect(steps).toBe(4);
    expect(tokens).toEqual(task.codec.encode('1024').tokens);
    expect(codec.target!.write(codec.target!.read('|||'))).toBe('|||');
  });

  test('writes the most probable symbols up to the end', () => {
    const stroke = labels.indexOf('|');
    const V = labels.length;
    const outputs = new Float32Array(4 * V);
    [stroke, stroke, end, stroke].forEach((label, t) => (outputs[t * V + label] = 0.5));
    outputs[labels.indexOf(START)] = 0.9;
    expect(codec.decode(codec.encode('7'), outputs)).toEqual({
      target: '||',
      symbols: [
        { symbol: '|', probability: 0.5 },
        { symbol: '|', probability: 0.5 },
      ],
    });
    expect(() => codec.decode(codec.encode('7'), new Float32Array(V + 1))).toThrow(RangeError);
  });

  test('refuses symbols that are not known', () => {
    expect(() => codec.encode('1o')).toThrow(InputError);
    expect(() => codec.encode('1o')).toThrow('character 2 of the input is "o", which the training data do not have');
    expect(() => codec.target!.read('|x')).toThrow(InputError);
  });

  test('refuses a state that is not right', () => {
    const state = throughFile(task.state) as Record<string, unknown>;
    expect(() => restoreCodec({ ...state, labels: ['a'] })).toThrow(FormatError);
    expect(() => restoreCodec({ ...state, labels: ['a'] })).toThrow('labels lack "<start>"');
    expect(() => restoreCodec({ ...state, separators: { source: '' } })).toThrow(FormatError);
  });

  test('words are separated by spaces', () => {
    const words = translationTask(
      head,
      PAIRS.map(({ source }) => ({ source: Array.from(source).join(' '), target: `a ${source}` })),
      { validationShare: 0.2, split: 1 },
      { separators: { source: ' ', target: ' ' }, what: 'number' },
    );
    expect(words.codec.encode('1  2').steps).toBe(2);
    expect(words.codec.target!.write([words.output.kind === 'labels' ? words.output.labels.indexOf('a') : 0])).toBe(
      'a',
    );
  });
});
