import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../../engine/errors.ts';
import { Speller, type SpelloutLanguage } from '../../../../engine/tasks/written/spellout.ts';

function speller(rules: SpelloutLanguage['rules']): Speller {
  return new Speller({ name: 'Testish', start: '%start', rules });
}

const ONES = Array.from({ length: 10 }, (_, n): [string, string] => [String(n), `n${n};`]);

describe('numbers in words', () => {
  test('are put together from quotient and rest, optional parts left out', () => {
    const some = speller({ '%start': [...ONES, ['10', '←← ten[ →→];'], ['100', 'hundred[ and →→];']] });
    expect([0, 9, 10, 25, 100, 101, 120].map((n) => some.spell(n))).toEqual([
      'n0',
      'n9',
      'n1 ten',
      'n2 ten n5',
      'hundred',
      'hundred and n1',
      'hundred and n2 ten',
    ]);
  });

  test('go through other sets, and pass the number on as it is', () => {
    const some = speller({
      '%start': [
        ['0', '=%%inner=;'],
        ['20', 'score→%%inner→;'],
        ['100', '←%%inner←-hundred;'],
      ],
      '%%inner': [['0', 'none;'], ...ONES.slice(1), ['10', "'  ten;"]],
    });
    expect([3, 23, 300, 10].map((n) => some.spell(n))).toEqual(['n3', 'scoren3', 'n3-hundred', '  ten']);
  });

  test('a radix of its own decides what a rule divides by', () => {
    const some = speller({ '%start': [...ONES, ['10', 'teen→→;'], ['80/20', 'four-twenties[-→→];']] });
    expect([80, 81, 95].map((n) => some.spell(n))).toEqual([
      'four-twenties',
      'four-twenties-n1',
      'four-twenties-teenn5',
    ]);
  });

  test('a rule with a rest that begins between multiples does not hold at a multiple', () => {
    const some = speller({ '%start': [...ONES, ['10', 'x;'], ['100', '←← hundred;'], ['101', '←← hundred and →→;']] });
    expect([100, 101, 200, 203].map((n) => some.spell(n))).toEqual([
      'n1 hundred',
      'n1 hundred and n1',
      'n2 hundred',
      'n2 hundred and n3',
    ]);
  });

  test('leave out rules that are not for whole numbers, and soft hyphens', () => {
    const some = speller({
      '%start': [
        ['-x', 'minus →→;'],
        ['x.x', '←← point →→;'],
        ['0', 'zw\u00adei;'],
      ],
    });
    expect(some.spell(7)).toBe('zwei');
  });

  test('refuse numbers out of range and rules that cannot be read', () => {
    expect(() => speller({ '%start': ONES }).spell(1_000_000)).toThrow(RangeError);
    expect(() => speller({ '%start': ONES }).spell(1.5)).toThrow(RangeError);
    const plural = speller({ '%start': [['0', '$(cardinal,one{a}other{b})$;']] });
    expect(() => plural.spell(0)).toThrow(FormatError);
    expect(() => plural.spell(0)).toThrow('Testish cannot be spelt: the rule "$(cardinal');
    expect(() => speller({ '%start': [['0', 'a→b;']] }).spell(0)).toThrow('cannot be read');
    expect(() => speller({ '%start': [['0', '=%other=;']] }).spell(0)).toThrow('it has no rules %other');
    expect(() => speller({ '%start': [['5', 'five;']] }).spell(0)).toThrow('its rules %start have none for 0');
  });
});
