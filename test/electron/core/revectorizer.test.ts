import { describe, expect, test } from 'vitest';
import { switchRevectorizerOn } from '../../../electron/core/revectorizer.ts';

describe('the revectorizer', () => {
  test('is switched on where V8 has one', () => {
    const flags: string[] = [];
    expect(switchRevectorizerOn('x64', (flag) => flags.push(flag))).toBe(true);
    expect(flags).toEqual(['--experimental-wasm-revectorize']);
  });

  test.each(['arm64', 'ia32'])('is not asked for on %s, where V8 does not know its flag', (architecture) => {
    const flags: string[] = [];
    expect(switchRevectorizerOn(architecture, (flag) => flags.push(flag))).toBe(false);
    expect(flags).toEqual([]);
  });
});
