import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byteOrderMark,
  detectEncoding,
  refuseBinary,
  REPLACEMENT,
  StreamDecoder,
  type TextEncoding,
} from '../../../../electron/datasets/import/encoding.ts';
import { InputError } from '../../../../engine/errors.ts';
import { cutIntoPieces } from './pieces.ts';

function encode(text: string, encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'): Uint8Array {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'windows-1252':
      return Uint8Array.from(text, (character) => WINDOWS.get(character) ?? character.codePointAt(0)!);
  }
}

/** What windows-1252 has beyond Latin-1 (the Unicode Consortium's CP1252.TXT), some of it. */
const WINDOWS = new Map([
  ['€', 0x80],
  ['„', 0x84],
  ['Š', 0x8a],
  ['“', 0x93],
  ['”', 0x94],
  ['–', 0x96],
  ['œ', 0x9c],
  ['Ÿ', 0x9f],
]);

function decode(bytes: Uint8Array, encoding: TextEncoding | undefined, cuts: readonly number[]): string {
  const decoder = new StreamDecoder(encoding);
  return cutIntoPieces(bytes, cuts).reduce((text, piece) => text + decoder.write(piece), '') + decoder.end();
}

const TEXTS = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => text.isWellFormed());
const CUTS = fc.array(fc.nat(300), { maxLength: 5 });

describe('a decoder', () => {
  test.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('gives %s back, wherever the bytes are cut', (encoding) => {
    fc.assert(
      fc.property(TEXTS, CUTS, (text, cuts) => {
        expect(decode(encode(text, encoding), encoding, cuts)).toBe(text);
      }),
    );
  });

  test('gives windows-1252 back, wherever the bytes are cut', () => {
    const characters = fc.constantFrom(...Array.from('abc Ä€„Š“”–œŸéÿ\u00a0'), ...WINDOWS.keys());
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), CUTS, (text, cuts) => {
        expect(decode(encode(text, 'windows-1252'), 'windows-1252', cuts)).toBe(text);
      }),
    );
  });

  test('finds out between UTF-8 and windows-1252 at the first bytes that tell', () => {
    const ascii = 'a'.repeat(200);
    fc.assert(
      fc.property(CUTS, (cuts) => {
        expect(decode(encode(`${ascii}größer – 12 €`, 'utf-8'), undefined, cuts)).toBe(`${ascii}größer – 12 €`);
        expect(decode(encode(`${ascii}größer – 12 €`, 'windows-1252'), undefined, cuts)).toBe(`${ascii}größer – 12 €`);
      }),
    );
  });

  test('puts a sign in place of bytes that the encoding does not have', () => {
    expect(decode(Uint8Array.of(0x61, 0xff, 0x62), 'utf-8', [])).toBe(`a${REPLACEMENT}b`);
    expect(decode(Uint8Array.of(0x61, 0x81, 0x62), 'windows-1252', [])).toBe(`a${REPLACEMENT}b`);
    expect(decode(Uint8Array.of(0x61, 0x00, 0x62), 'utf-16le', [])).toBe(`a${REPLACEMENT}`);
  });
});

describe('the encoding', () => {
  test.each([
    ['UTF-8 with its mark', Buffer.from('\ufeffabc'), 'utf-8', 3],
    ['UTF-8 without', Buffer.from('naïve'), 'utf-8', 0],
    ['UTF-16, little end first, with its mark', encode('\ufeffabc', 'utf-16le'), 'utf-16le', 2],
    ['UTF-16, big end first, with its mark', encode('\ufeffabc', 'utf-16be'), 'utf-16be', 2],
    ['UTF-16, little end first, without', encode('name,année\nx,1\n', 'utf-16le'), 'utf-16le', 0],
    ['UTF-16, big end first, without', encode('name,année\nx,1\n', 'utf-16be'), 'utf-16be', 0],
    ['Latin-1', encode('année\n', 'windows-1252'), 'windows-1252', 0],
    ['ASCII', Buffer.from('year\n'), undefined, 0],
    ['a sequence that is cut off', Buffer.from('ann\u00e9').subarray(0, 4), undefined, 0],
  ] as const)('is found: %s', (_what, bytes, encoding, mark) => {
    expect(detectEncoding(bytes)).toBe(encoding);
    expect(byteOrderMark(bytes, encoding ?? 'utf-8')).toBe(mark);
  });

  test('is UTF-8 where a few bytes among many are broken', () => {
    const bytes = Buffer.concat([Buffer.from('ä'.repeat(50)), Uint8Array.of(0xff)]);
    expect(detectEncoding(bytes)).toBe('utf-8');
  });
});

describe('bytes that are no text', () => {
  test.each([
    [[0x50, 0x4b, 0x03, 0x04, 0x14], 'x is a ZIP archive (as Excel and LibreOffice documents are)'],
    [[0x25, 0x50, 0x44, 0x46, 0x2d], 'x is a PDF'],
    [[0x89, 0x50, 0x4e, 0x47, 0x0d], 'x is a PNG picture'],
    [[0x61, 0x00, 0x62, 0x63, 0x64], 'x holds bytes that no text has'],
    [[0x01, 0x02, 0x03, 0x61, 0x62], 'x holds bytes that no text has'],
  ])('are refused (%#)', (bytes, message) => {
    const refuse = () => refuseBinary(Uint8Array.from(bytes), 'utf-8', 'x');
    expect(refuse).toThrow(InputError);
    expect(refuse).toThrow(message);
  });

  test('are not what texts hold', () => {
    expect(() => refuseBinary(Buffer.from('a\tb\r\n\fc\u001b[0m'), 'utf-8', 'x')).not.toThrow();
    expect(() => refuseBinary(encode('abc', 'utf-16le'), 'utf-16le', 'x')).not.toThrow();
  });
});
