import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { propertiesOf, sequenceText } from '../../../engine/explain/properties.ts';
import { findPattern, patternOf, rankUnits } from '../../../engine/explain/tracking.ts';

const property = (name: string, symbols = Array.from('abcdefghijklmnopqrstuvwxyz ABC“”\n')) =>
  propertiesOf({ kind: 'tokens', symbols }, false).find((candidate) => candidate.name === name)!;
const marks = (name: string, text: string) => property(name).marks({ symbols: Array.from(text) });
const written = (name: string, text: string) =>
  marks(name, text)
    .map((mark) => (mark === null ? '?' : mark ? '+' : '-'))
    .join('');

describe('properties', () => {
  test.each([
    ['vowel', 'A cab', '+--+-'],
    ['capital', 'A cab', '+----'],
    ['space', 'A cab', '-+---'],
    ['word-start', 'A cab', '+-+--'],
    ['quotation', 'ab“cd”e', '??+++--'],
    ['line-end', 'ab\nc', '-+-?'],
  ])('%s of %j', (name, text, want) => {
    expect(written(name, text)).toBe(want);
  });

  test('remember the second symbol where there are few', () => {
    const second = property('second T', ['B', 'T', 'P']);
    expect(second.marks({ symbols: ['B', 'T', 'P'] })).toEqual([null, true, true]);
    expect(second.marks({ symbols: ['B', 'P', 'T'] })).toEqual([null, false, false]);
  });

  test('know the days of dated series', () => {
    const sunday = propertiesOf({ kind: 'values', names: ['x'] }, true).find(({ name }) => name === 'sunday')!;
    expect(sunday.marks({ symbols: ['1', '2'], dates: ['1969-01-05', '1969-01-06'] })).toEqual([true, false]);
  });
});

describe('what is told of a sequence', () => {
  test('has its symbols, or counts its steps, and has the dates it comes with', () => {
    const input = { kind: 'tokens', symbols: ['a', 'b'] } as const;
    const example = { steps: 2, text: '', target: '' };
    expect(sequenceText(input, { ...example, tokens: Int32Array.of(1, 0) })).toEqual({ symbols: ['b', 'a'] });
    const dates = ['1959-01', '1959-02'];
    const text = sequenceText({ kind: 'values', names: ['x'] }, { ...example, dates });
    expect(text).toEqual({ symbols: ['1', '2'], dates });
    const dated = propertiesOf({ kind: 'values', names: ['x'] }, true);
    const marksOf = (name: string) => dated.find((candidate) => candidate.name === name)!.marks(text);
    expect(marksOf('february')).toEqual([false, true]);
    // A month has no weekday.
    expect(marksOf('sunday')).toEqual([null, null]);
  });
});

describe('the ranking of units', () => {
  test('finds the unit that is higher where it is true, and the one that is lower', () => {
    const values = Float32Array.from([0.9, 0.5, 0.1, 0.2, 0.4, 0.8, 0.8, 0.6, 0.2, 0.1, 0.5, 0.7]);
    const ranked = rankUnits([{ values, marks: [true, false, true, false] }], 3);
    expect(ranked.map(({ unit, area }) => [unit, area])).toEqual([
      [0, 1],
      [2, 0],
      [1, 0.875],
    ]);
    expect(ranked[0]!.inside).toBeCloseTo(0.85);
    expect(ranked[0]!.outside).toBeCloseTo(0.15);
  });

  test('says nothing where nothing is marked, or everything', () => {
    expect(rankUnits([{ values: new Float32Array(4), marks: [true, true] }], 2)).toEqual([]);
    expect(rankUnits([{ values: new Float32Array(4), marks: [false, null] }], 2)).toEqual([]);
  });

  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(true, false, null)), {
    maxLength: 40,
  });
  test.prop([steps])('is the share of pairs that are in order', (drawn) => {
    const values = Float32Array.from(drawn, ([value]) => value);
    const yes = drawn.filter(([, mark]) => mark === true);
    const no = drawn.filter(([, mark]) => mark === false);
    let pairs = 0;
    for (const [a] of yes) for (const [b] of no) pairs += a > b ? 1 : a === b ? 0.5 : 0;
    const [tracked] = rankUnits([{ values, marks: drawn.map(([, mark]) => mark) }], 1);
    if (yes.length === 0 || no.length === 0) expect(tracked).toBeUndefined();
    else expect(tracked!.area).toBeCloseTo(pairs / (yes.length * no.length), 12);
  });
});

describe('a pattern', () => {
  test('is found again wherever its units are on', () => {
    const first = Float32Array.from([0, 1, 1, 0, 1, 0, 0, 1]);
    const tracked = rankUnits([{ values: first, marks: [false, true, true, false] }], 2);
    const pattern = patternOf(tracked, 2);
    const other = Float32Array.from([1, 0, 1, 0, 0, 1, 1, 0]);
    expect(findPattern(pattern, [first, other], 2, 9)).toEqual([
      { sequence: 0, from: 1, to: 2 },
      { sequence: 1, from: 0, to: 1 },
      { sequence: 1, from: 3, to: 3 },
    ]);
    expect(findPattern(pattern, [first, other], 2, 1)).toHaveLength(1);
    expect(findPattern([], [first], 2, 9)).toEqual([]);
  });
});
