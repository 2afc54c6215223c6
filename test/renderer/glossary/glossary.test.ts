import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notationParts, parseGlossary, searchGlossary } from '../../../renderer/glossary/glossary.ts';
import { LINKED_TERMS, termOfField, termOfQuantity } from '../../../renderer/glossary/terms.ts';
import { formatAddress, parseAddress } from '../../../renderer/state/address.ts';

const root = join(import.meta.dirname, '../../..');
const GLOSSARY = parseGlossary(readFileSync(join(root, 'docs/glossary.md'), 'utf8'));

test('every entry of the glossary has an id and a term of its own', () => {
  expect(GLOSSARY.length).toBeGreaterThan(90);
  expect(new Set(GLOSSARY.map(({ id }) => id)).size).toBe(GLOSSARY.length);
  expect(new Set(GLOSSARY.map(({ term }) => term)).size).toBe(GLOSSARY.length);
});

test.each(GLOSSARY.map((entry) => [entry.term, entry] as const))(
  'the entry “%s” names a source file that exists and places that can be opened',
  (_, { source, places, group }) => {
    expect(existsSync(join(root, source))).toBe(true);
    expect(group).not.toBe('');
    for (const { address } of places) expect(formatAddress(parseAddress(address))).toBe(address);
  },
);

test('every term that the screen links to has an entry', () => {
  const ids = new Set(GLOSSARY.map(({ id }) => id));
  expect(LINKED_TERMS.filter((id) => !ids.has(id))).toEqual([]);
  expect(termOfQuantity('forget')).toBe('forget-gate');
  expect(termOfField('training.steps')).toBe('truncated-bptt');
  expect(termOfQuantity('toString')).toBeUndefined();
});

test('an entry is read with its fields', () => {
  const text = [
    '# Title',
    '## Group',
    '### Two words (TW)',
    'A definition',
    'on two lines.',
    '',
    '- Also: one, another',
    '- Symbol: `w(t)`',
    '- Formula: `a = b`, `c = d`',
    '- In the app: [Here](#/gates), [There](#/runs)',
    '- In the code: `engine/x.ts`',
  ].join('\n');
  expect(parseGlossary(text)).toEqual([
    {
      id: 'two-words',
      term: 'Two words (TW)',
      group: 'Group',
      definition: 'A definition on two lines.',
      synonyms: ['one', 'another'],
      symbol: 'w(t)',
      formula: 'a = b, c = d',
      places: [
        { label: 'Here', address: '#/gates' },
        { label: 'There', address: '#/runs' },
      ],
      source: 'engine/x.ts',
    },
  ]);
});

test.each([
  ['no definition', '### Term\n- In the code: `a.ts`', 'line 1: "Term" has no definition'],
  ['no source file', '### Term\nText.', 'line 1: "Term" names no source file'],
  ['an unknown field', '### Term\nText.\n- Colour: red', 'line 3: unknown field'],
])('a glossary with %s is refused with the line', (_, text, message) => {
  expect(() => parseGlossary(text)).toThrow(message);
});

test('the search finds terms, synonyms and definitions, and puts matching terms first', () => {
  const terms = (query: string): string[] => searchGlossary(GLOSSARY, query).map(({ term }) => term);
  expect(terms('forget')[0]).toBe('Forget gate');
  expect(terms('seq2seq')[0]).toBe('Sequence-to-sequence (seq2seq)');
  expect(terms('BPTT')).toContain('Backpropagation through time (BPTT)');
  expect(terms('UPDATE gate')).toContain('Update gate');
  expect(terms('no such word anywhere')).toEqual([]);
  expect(terms('  ')).toHaveLength(GLOSSARY.length);
});

test('a formula is divided into text and subscripts', () => {
  expect(notationParts('W_f x + Σ_{k≤t} z_12')).toEqual([
    { text: 'W', subscript: false },
    { text: 'f', subscript: true },
    { text: ' x + Σ', subscript: false },
    { text: 'k≤t', subscript: true },
    { text: ' z', subscript: false },
    { text: '12', subscript: true },
  ]);
});
