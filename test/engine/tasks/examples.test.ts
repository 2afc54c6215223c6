import { describe, expect, test } from 'vitest';
import { examplesIn, takeExamples } from '../../../engine/tasks/examples.ts';
import { languageTask } from '../../../engine/tasks/language.ts';
import { makeTask } from '../../../engine/tasks/registry.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';

const origin = { title: 'Letters', source: 'Made for this test.', licence: 'None' };
const letters = languageTask({ id: 'letters', title: 'Letters', origin }, 'abcdefghij'.repeat(20), {
  validationShare: 0.25,
});

describe('examples of a text', () => {
  test('are windows side by side, each symbol asking for the next', () => {
    const [first, second] = takeExamples(letters, 'train', 0, 2, 12);
    expect([first?.text, first?.target]).toEqual(['abcdefghijab', 'bcdefghijabc']);
    expect([second?.text, second?.target]).toEqual(['cdefghijabcd', 'defghijabcde']);
    expect(first?.targetLabels?.subarray(0, 11)).toEqual(first?.tokens?.subarray(1));
  });

  test('end where the part ends', () => {
    const all = examplesIn(letters.validation, 12);
    expect(takeExamples(letters, 'validation', 0, 100, 12)).toHaveLength(all);
    expect(takeExamples(letters, 'validation', all, 5, 12)).toEqual([]);
  });
});

describe('examples of a set', () => {
  test.each(['reber', 'parity', 'adding'])('of %s are its items, as long as each is', (id) => {
    const task = makeTask({ id }, 3, null);
    const items = takeExamples(task, 'validation', 5, 3, 1);
    expect(items).toHaveLength(3);
    const { validation } = task;
    if (validation.form !== 'set') throw new Error('It is a set.');
    items.forEach((item, i) => {
      expect(item.steps).toBe(validation.stepsOf(5 + i));
      expect({ input: item.text, target: item.target }).toEqual(validation.describe(5 + i));
      const { tokens, values, targetLabels } = item;
      expect(tokens?.length ?? item.steps).toBe(item.steps);
      expect((values?.length ?? 0) % item.steps).toBe(0);
      if (targetLabels) expect(targetLabels.some((label) => label !== IGNORED)).toBe(true);
    });
  });
});

test('examples of a translation are its sources, with the targets as texts', () => {
  const task = makeTask({ id: 'reversal' }, 3, null);
  const items = takeExamples(task, 'validation', 5, 3, 1);
  expect(items).toHaveLength(3);
  const { validation, input } = task;
  if (validation.form !== 'set' || input.kind !== 'tokens') throw new Error('It is a set of symbols.');
  items.forEach((item, i) => {
    expect({ input: item.text, target: item.target }).toEqual(validation.describe(5 + i));
    expect(item.steps).toBe(validation.sourceStepsOf?.(5 + i));
    expect(Array.from(item.tokens ?? [], (token) => input.symbols[token]).join('')).toBe(item.text);
  });
});
