import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { fromTyped, toTyped } from '../../../renderer/views/gates/typed-input.ts';

test.each([
  ['Call me', '"Call me"'],
  ['["T", "P"]', '["T", "P"]'],
  ['{"label": "f"}', '{"label": "f"}'],
  ['[not a list', '"[not a list"'],
  ['12', '"12"'],
])('%s is read as %s', (text, json) => {
  expect(fromTyped(text)).toBe(json);
});

property.prop([fc.string()])('what is typed comes back as it was typed, or as what it means', (text) => {
  const shown = toTyped(fromTyped(text));
  expect(fromTyped(shown)).toBe(fromTyped(text));
});
