import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { applyEdits, formatEdits, parseEdits, type Edit } from '../../../engine/explain/edits.ts';

const SYMBOLS = ['a', ' ', ';', '"', '=', '\n', 'whale', '\u00e9'];
const TOKENS = { kind: 'tokens', symbols: SYMBOLS } as const;
const NUMBERS = { kind: 'values', names: ['births', 'weekday'] } as const;

const step = fc.nat(9_999);
const ofSymbols = fc.array(fc.record<Edit>({ step, input: fc.constant(0), value: fc.constantFrom(...SYMBOLS) }), {
  maxLength: 8,
});
const ofNumbers = fc.array(
  fc.record<Edit>({ step, input: fc.nat(1), value: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0) }),
  { maxLength: 8 },
);

describe('changes of an input, as text', () => {
  test.prop([ofSymbols])('are read as they were written: symbols', (edits) => {
    expect(parseEdits(formatEdits(edits), TOKENS)).toEqual(edits);
  });

  test.prop([ofNumbers])('are read as they were written: numbers', (edits) => {
    expect(parseEdits(formatEdits(edits), NUMBERS)).toEqual(edits);
  });

  test.prop([fc.string({ unit: fc.constantFrom(...Array.from('12:=";a\\ -.e')) })])(
    'are understood or refused with a reason',
    (text) => {
      for (const input of [TOKENS, NUMBERS]) {
        try {
          parseEdits(text, input);
        } catch (error) {
          expect(String(error)).toMatch(/change|JSON/u);
        }
      }
    },
  );

  test.each([
    ['4="z"', TOKENS, 'none of the symbols'],
    ['0="a"', TOKENS, 'is not understood'],
    ['4', TOKENS, 'is not understood'],
    ['4:3=1', NUMBERS, 'number 3 of a step that has 2'],
    ['4=much', NUMBERS, 'no number'],
    ['4=1e9', NUMBERS, 'no number'],
  ] as const)('say what is wrong with %s', (text, input, reason) => {
    expect(() => parseEdits(text, input)).toThrow(reason);
  });
});

describe('a changed sequence', () => {
  test('has another symbol, and its targets as they were', () => {
    const example = {
      steps: 3,
      text: '',
      target: '',
      tokens: Int32Array.of(0, 1, 0),
      targetLabels: Int32Array.of(1, 0, 0),
    };
    const changed = applyEdits(example, parseEdits('2="whale"; 9="a"', TOKENS), TOKENS);
    expect(changed).toEqual({ ...example, tokens: Int32Array.of(0, 6, 0) });
    expect(example.tokens).toEqual(Int32Array.of(0, 1, 0));
  });

  test('has another number', () => {
    const example = { steps: 2, text: '', target: '', values: Float32Array.of(1, 2, 3, 4) };
    const changed = applyEdits(example, parseEdits('2:2=-0.5', NUMBERS), NUMBERS);
    expect(changed.values).toEqual(Float32Array.of(1, 2, 3, -0.5));
  });

  test('is the same one where nothing of it changes', () => {
    const example = { steps: 2, text: '', target: '', tokens: Int32Array.of(0, 1) };
    expect(applyEdits(example, parseEdits('3="a"', TOKENS), TOKENS)).toBe(example);
  });
});
