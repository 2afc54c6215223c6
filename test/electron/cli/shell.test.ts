import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoted } from '../../../electron/cli/shell.ts';
import { cases } from '../../property-cases.ts';

describe('a path in a command that is printed', () => {
  test.each([
    ['runs/a', 'runs/a'],
    ['my runs/a', `'my runs/a'`],
    [`it's`, `'it'\\''s'`],
    ['$HOME', `'$HOME'`],
    ['-x', `'-x'`],
    ['', `''`],
  ])('%j', (text, want) => {
    expect(quoted(text, 'linux')).toBe(want);
  });

  test('on Windows stands in double quotes', () => {
    expect(quoted('C:\\my runs\\a', 'win32')).toBe('"C:\\my runs\\a"');
    expect(quoted('C:\\runs\\a', 'win32')).toBe('C:\\runs\\a');
  });
});

test.runIf(process.platform !== 'win32')('a path comes back from the shell as it was', () => {
  const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(texts, (text) => {
      const command = `printf '%s' ${quoted(text, 'linux')}`;
      expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe(text);
    }),
    cases(30),
  );
});
