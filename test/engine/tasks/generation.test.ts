import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { generationTask } from '../../../engine/tasks/generation.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { END, START, UNKNOWN } from '../../../engine/tasks/vocabulary.ts';
import { setsOf, single, throughFile } from './batch.ts';
import { head } from './head.ts';

const NAMES = ['Ada', 'Ann', 'Eva', 'Nan', 'Dan', 'Ned', 'Ed', 'Van'].map((text, n) => ({
  text,
  label: n < 4 ? 'female' : 'male',
}));
const task = generationTask(head, NAMES, { validationShare: 0.25, split: 1 }, 'name');
const codec = restoreCodec(throughFile(task.state));
const symbols = task.input.kind === 'tokens' ? task.input.symbols : [];

describe('a generation task', () => {
  test('begins with START, asks for each next symbol and ends with END', () => {
    expect(symbols.slice(0, 3)).toEqual([START, END, UNKNOWN]);
    expect(task.boundaries).toEqual({ start: 0, end: 1 });
    expect(task.conditions).toEqual(['female', 'male']);
    const seen: string[] = [];
    for (const set of Object.values(setsOf(task))) {
      for (let item = 0; item < set.count; item++) {
        const { tokens, targetLabels, conditions, lengths } = single(task, set, item);
        const { input: label, target: text } = set.describe(item);
        const name = (numbers: Int32Array) => Array.from(numbers, (number) => symbols[number]!);
        const known = Array.from(text, (letter) => (symbols.includes(letter) ? letter : UNKNOWN));
        expect(name(tokens!)).toEqual([START, ...known]);
        expect(name(targetLabels!)).toEqual([...known, END]);
        expect(lengths[0]).toBe(text.length + 1);
        expect(task.conditions![conditions![0]!]).toBe(label);
        expect(NAMES).toContainEqual({ text, label });
        seen.push(text);
      }
    }
    expect(seen.sort()).toEqual(NAMES.map(({ text }) => text).sort());
    expect(setsOf(task).validation.count).toBe(2);
  });

  test('is measured in bits per character beside the frequencies of characters', () => {
    expect(task.baselines().map(({ metric }) => metric.name)).toEqual(['bitsPerCharacter', 'bitsPerCharacter']);
  });
});

describe('its codec, restored from its state', () => {
  test('grows from a label, with first letters where they are given', () => {
    expect(codec.boundaries).toEqual(task.boundaries);
    expect(codec.encode({ label: 'male' })).toEqual({ steps: 1, tokens: Int32Array.of(0), condition: 1 });
    const letters = ['a', 'n'].map((letter) => symbols.indexOf(letter));
    expect(codec.encode({ label: 'female', start: 'an' })).toEqual({
      steps: 3,
      tokens: Int32Array.of(0, ...letters),
      condition: 0,
    });
    const outputs = new Float32Array(symbols.length);
    outputs[1] = 0.9;
    const decoded = codec.decode({ steps: 1 }, outputs) as { readonly next: readonly unknown[] };
    expect(decoded.next).toHaveLength(symbols.length);
    expect(decoded.next[0]).toEqual({ symbol: END, probability: Math.fround(0.9) });
  });

  test.each([
    [{ label: 'child' }, 'the input\'s label is "child"; it must be "female" or "male"'],
    [{ label: 'male', start: 'a9' }, 'character 2 of the input is "9"'],
    ['male', 'the input is "male"; it must be an object with a label'],
    [{ label: 'male', letters: 'a' }, 'it must be an object with a label'],
    [null, 'the input is null'],
  ])('refuses %j', (input, message) => {
    expect(() => codec.encode(input)).toThrow(InputError);
    expect(() => codec.encode(input)).toThrow(message);
  });
});
