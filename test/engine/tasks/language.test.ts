import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { languageTask } from '../../../engine/tasks/language.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { UNKNOWN } from '../../../engine/tasks/vocabulary.ts';
import { buffersFor, throughFile } from './batch.ts';
import { head } from './head.ts';

const TEXT = 'abcabcab😀zcb';
const task = languageTask(head, TEXT, { validationShare: 0.25 });

function tokens(split: typeof task.train): readonly number[] {
  return split.form === 'stream' ? [...split.tokens] : [];
}

describe('a language task', () => {
  test('trains on the first part, whose symbols are the vocabulary, and validates on the rest', () => {
    expect(task.input).toEqual({ kind: 'tokens', symbols: [UNKNOWN, 'a', 'b', 'c', '😀'] });
    expect(task.output).toEqual({ kind: 'labels', labels: [UNKNOWN, 'a', 'b', 'c', '😀'], per: 'step' });
    expect(tokens(task.train)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 4]);
    // "z" is not in the training part.
    expect(tokens(task.validation)).toEqual([0, 3, 2]);
  });

  test('needs two characters on each side', () => {
    expect(() => languageTask(head, 'abc', { validationShare: 0.1 })).toThrow(InputError);
    expect(() => languageTask(head, '', { validationShare: 0.1 })).toThrow('the text has 0 characters');
  });

  test('reports bits per character and perplexity of the mean loss', () => {
    const evaluator = task.evaluator();
    const buffers = buffersFor(task, 4, 1);
    evaluator.add(buffers, 4, [], { outputs: new Float32Array(0), lossSum: 3, lossCount: 2 });
    evaluator.add(buffers, 4, [], { outputs: new Float32Array(0), lossSum: 1, lossCount: 2 });
    const [bits, perplexity] = evaluator.finish().metrics;
    expect(bits).toMatchObject({ name: 'bitsPerCharacter', better: 'lower', unit: 'bits' });
    expect(bits!.value).toBeCloseTo(1 / Math.LN2, 12);
    expect(perplexity!.value).toBeCloseTo(Math.E, 12);
  });

  test('knows what frequencies alone reach', () => {
    const flat = languageTask(head, 'ab'.repeat(600), { validationShare: 0.5 });
    const [single, pairs] = flat.baselines().map(({ metric }) => metric.value);
    expect(single!).toBeCloseTo(1, 2);
    expect(pairs!).toBeGreaterThan(0);
    expect(pairs!).toBeLessThan(0.02);
  });

  test('gives every symbol some probability', () => {
    for (const { metric } of task.baselines()) {
      expect(metric.value).toBeGreaterThan(0);
      expect(metric.value).toBeLessThan(20);
    }
  });
});

describe('its codec, restored from its state', () => {
  const codec = restoreCodec(throughFile(task.state));

  test('encodes a text and ranks what may come next', () => {
    const encoded = codec.encode('c😀');
    expect(encoded).toEqual({ steps: 2, tokens: Int32Array.of(3, 4) });
    const outputs = Float32Array.of(1, 0, 0, 0, 0, 0, 0.5, 0.25, 0.25, 0);
    expect(codec.decode(encoded, outputs)).toEqual({
      next: [
        { symbol: 'a', probability: 0.5 },
        { symbol: 'b', probability: 0.25 },
        { symbol: 'c', probability: 0.25 },
        { symbol: UNKNOWN, probability: 0 },
        { symbol: '😀', probability: 0 },
      ],
    });
  });

  test.each([
    ['', 'the input has 0 symbols; it must have 1 to 65536'],
    ['a'.repeat(70_000), 'the input has 70000 symbols'],
    ['abz', 'character 3 of the input is "z", which the training data do not have'],
    [7, 'the input is 7; it must be a string or a list of symbols'],
    [['a', 1], 'it must be a string or a list of symbols'],
    [[UNKNOWN], 'character 1 of the input is "<unknown>"'],
  ])('refuses %j', (input, message) => {
    expect(() => codec.encode(input)).toThrow(InputError);
    expect(() => codec.encode(input)).toThrow(message);
  });
});
