import { describe, expect, test } from 'vitest';
import { parseFlags, UsageError, type Flags } from '../../../electron/cli/flags.ts';

const flags = {
  out: { type: 'text', value: 'DIR', description: '' },
  option: { type: 'list', value: 'NAME=VALUE', description: '' },
  layers: { type: 'integer', minimum: 1, maximum: 8, description: '' },
  lr: { type: 'number', minimum: -1, maximum: 1, description: '' },
  cell: { type: 'choice', choices: ['rnn', 'lstm'], description: '' },
  json: { type: 'switch', description: '' },
} as const satisfies Flags;

function refusal(...args: readonly string[]): string {
  try {
    parseFlags(args, flags);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseFlags', () => {
  test('reads values by their type, and what is no flag in order', () => {
    const args = ['a', '--out', 'x', '--layers=2', '--lr', '-0.5', '--option', 'p=1', '--option', 'q=2', '--json', 'b'];
    expect(parseFlags(args, flags)).toEqual({
      values: { out: 'x', layers: 2, lr: -0.5, option: ['p=1', 'q=2'], json: true },
      positionals: ['a', 'b'],
    });
  });

  test('the last of a flag given twice counts; a switch can be turned off', () => {
    expect(parseFlags(['--layers', '2', '--layers', '3', '--json', '--no-json'], flags).values).toEqual({
      layers: 3,
      json: false,
    });
  });

  test('after -- nothing is a flag', () => {
    expect(parseFlags(['--json', '--', '--out'], flags)).toEqual({ values: { json: true }, positionals: ['--out'] });
  });

  test('refuses what it does not know, with what was meant', () => {
    expect(refusal('--layer', '2')).toBe('the flag --layer is not known; did you mean --layers?');
    expect(refusal('--unheard')).toContain('known here are --out, --option');
    expect(refusal('-o')).toContain('the flag -o is not known');
    expect(refusal('--no-out')).toContain('the flag --no-out is not known');
  });

  test('refuses values that are missing, of the wrong type or out of range', () => {
    expect(refusal('--out')).toBe('--out needs a value: --out DIR');
    expect(refusal('--out', '--json')).toBe('--out needs a value: --out DIR');
    expect(refusal('--layers')).toBe('--layers needs a value, a whole number from 1 to 8');
    expect(refusal('--layers', '2.5')).toBe('--layers is "2.5"; it must be a whole number from 1 to 8');
    expect(refusal('--layers', '9')).toContain('from 1 to 8');
    expect(refusal('--layers', '')).toContain('--layers is ""');
    expect(refusal('--lr', 'fast')).toBe('--lr is "fast"; it must be a number from -1 to 1');
    expect(refusal('--cell', 'gru')).toBe('--cell is "gru"; it must be one of rnn, lstm');
    expect(refusal('--json=1')).toBe('--json takes no value; it was given "1"');
  });
});
