import { expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { Vocabulary } from '../../../engine/tasks/vocabulary.ts';
import { errorText } from '../../../renderer/state/error-text.ts';

test('an unknown character is named together with those that are known', () => {
  let error: unknown;
  try {
    new Vocabulary(['B', 'T', 'P']).numbersOf(['B', 'Q'], 'character');
  } catch (thrown) {
    error = thrown;
  }
  expect(errorText(error)).toBe(
    'Character 2 of the input is "Q", which the training data do not have. It has "B" "T" "P".',
  );
});

test.each([
  [new Error('Gone!'), 'Gone!'],
  [new InputError('the input has 0 symbols'), 'The input has 0 symbols.'],
  ['anything', 'Anything.'],
])('%s is a sentence', (error, text) => {
  expect(errorText(error)).toBe(text);
});
