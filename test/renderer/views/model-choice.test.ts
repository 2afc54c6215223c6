import { expect, test } from 'vitest';
import { namesFrom, taskOf } from '../../../renderer/views/runs/model-choice.ts';

test.each([
  ['', []],
  ['abc', ['a', 'b', 'c']],
  ['a b c', ['a', 'b', 'c']],
  ['no yes', ['no', 'yes']],
  ['HH AH0 L', ['HH', 'AH0', 'L']],
  ['äö€', ['ä', 'ö', '€']],
])('%j are the names %j', (text, names) => {
  expect(namesFrom(text)).toEqual(names);
});

test('a task is named as the list names it', () => {
  expect(taskOf({})).toBe('');
  expect(taskOf({ task: { id: 'stress' } })).toBe('stress');
  expect(taskOf({ task: { id: 'own-text', dataset: 'novel' } })).toBe('own-text novel');
});
