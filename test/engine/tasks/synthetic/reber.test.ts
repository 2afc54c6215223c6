import { describe, expect, test } from 'vitest';
import { Random } from '../../../../engine/random.ts';
import { taskDefinition } from '../../../../engine/tasks/registry.ts';
import { drawReber, REBER_SYMBOLS, ReberReader } from '../../../../engine/tasks/synthetic/reber-grammar.ts';
import type { SequenceSet, Task } from '../../../../engine/tasks/task.ts';
import { evaluate, setsOf } from '../batch.ts';

/**
 * The Reber grammar as a regular expression, worked out from its graph by eliminating states: from the upper entry TS*X
 * or the lower one PT*V into the two middle states, which lead to each other by X T*V and P.
 */
const UPPER = 'TS*X(?:XT*VP)*(?:S|XT*VV)E';
const LOWER = 'PT*V(?:PXT*V)*(?:V|PS)E';
const REBER = `B(?:${UPPER}|${LOWER})`;
const EMBEDDED = new RegExp(`^B(?:T${REBER}T|P${REBER}P)E$`);

function text(numbers: Iterable<number>): string {
  return Array.from(numbers, (number) => REBER_SYMBOLS[number]!).join('');
}

/** Whole strings: the input and the last target. */
function strings(set: SequenceSet): readonly string[] {
  return Array.from({ length: set.count }, (_, i) => {
    const { input, target } = set.describe(i);
    expect(target.slice(0, -1)).toBe(input.slice(1));
    return input + target.slice(-1);
  });
}

function make(options = {}): Task {
  return taskDefinition('reber').make(options, 1, null);
}

/** The strings of the regular expression whose loops run at most `times`, written out. */
function writtenOut(times: number): readonly string[] {
  const join = (...parts: readonly (readonly string[])[]): readonly string[] =>
    parts.reduce((starts, ends) => starts.flatMap((start) => ends.map((end) => start + end)), ['']);
  const loop = (body: readonly string[]): readonly string[] => {
    let last: readonly string[] = [''];
    const all = [''];
    for (let n = 0; n < times; n++) {
      last = join(last, body);
      all.push(...last);
    }
    return all;
  };
  const ts = loop(['T']);
  const upper = join(
    ['T'],
    loop(['S']),
    ['X'],
    loop(join(['X'], ts, ['VP'])),
    ['S', ...join(['X'], ts, ['VV'])],
    ['E'],
  );
  const lower = join(['P'], ts, ['V'], loop(join(['PX'], ts, ['V'])), ['V', 'PS'], ['E']);
  return ['T', 'P'].flatMap((remembered) =>
    join(['B'], [remembered], ['B'], [...upper, ...lower], [remembered], ['E']),
  );
}

describe('the grammar', () => {
  test('every drawn string is accepted by the regular expression, and every path occurs', () => {
    const seen = new Set<string>();
    for (let item = 0; item < 5000; item++) {
      const string = text(drawReber(new Random(3, 0, item)));
      expect(string).toMatch(EMBEDDED);
      seen.add(string);
    }
    for (const shortest of ['BTBTXSETE', 'BPBTXSEPE', 'BTBPVVETE', 'BPBPVVEPE', 'BTBPVPSETE', 'BTBTXXVVETE']) {
      expect(seen.has(shortest)).toBe(true);
    }
  });

  test.each(['BTBTXSEPE', 'BTBTSETE', 'BTBPVXETE', 'BBTXSETE', 'BTBTXSET', 'BTBTXSETEE'])(
    '%s is not legal',
    (string) => {
      expect(string).not.toMatch(EMBEDDED);
      const reader = new ReberReader();
      const read = () => {
        for (const symbol of string) {
          reader.read(REBER_SYMBOLS.indexOf(symbol as (typeof REBER_SYMBOLS)[number]));
        }
        return REBER_SYMBOLS.some((_, symbol) => reader.allows(symbol)) ? 'unfinished' : 'finished';
      };
      if (string === 'BTBTXSET') {
        expect(read()).toBe('unfinished');
      } else {
        expect(read).toThrow(RangeError);
      }
    },
  );

  test('allows after each prefix exactly what strings of the grammar go on with', () => {
    const strings = writtenOut(3);
    strings.forEach((string) => expect(string).toMatch(EMBEDDED));
    const successors = new Map<string, Set<string>>();
    for (const string of strings) {
      // Up to six symbols: a loop of one symbol has run at most twice there, so it is known to go on.
      for (let t = 0; t <= 6; t++) {
        const prefix = string.slice(0, t);
        successors.set(prefix, (successors.get(prefix) ?? new Set()).add(string[t]!));
      }
    }
    for (const [prefix, next] of successors) {
      const reader = new ReberReader();
      for (const symbol of prefix) {
        reader.read(REBER_SYMBOLS.indexOf(symbol as (typeof REBER_SYMBOLS)[number]));
      }
      expect(REBER_SYMBOLS.filter((_, symbol) => reader.allows(symbol)).sort()).toEqual([...next].sort());
    }
  });
});

describe('the task', () => {
  test('has 256 strings on each side as published, all legal, none on both', () => {
    const { train, validation } = setsOf(make());
    const trainStrings = strings(train);
    const validationStrings = strings(validation);
    expect([trainStrings.length, validationStrings.length]).toEqual([256, 256]);
    [...trainStrings, ...validationStrings].forEach((string) => expect(string).toMatch(EMBEDDED));
    expect(new Set(validationStrings).size).toBe(256);
    expect(validationStrings.filter((string) => trainStrings.includes(string))).toEqual([]);
  });

  test('is solved where in 95 % of the strings every legal symbol is above every illegal one', () => {
    const task = make({ validationStrings: 40 });
    const known = (spoilStep: number) =>
      evaluate(task, (buffers, _steps, b, outputs) => {
        const { batchSize } = buffers;
        const length = buffers.lengths[b]!;
        const reader = new ReberReader();
        for (let t = 0; t < length; t++) {
          const row = t * batchSize + b;
          reader.read(buffers.tokens![row]!);
          const legal = REBER_SYMBOLS.map((_, symbol) => reader.allows(symbol));
          // Legal symbols may be as far apart as they like.
          legal.forEach((is, symbol) => (outputs[row * 7 + symbol] = is ? 0.2 + symbol / 100 : 0.19));
          if (t === length + spoilStep) {
            outputs[row * 7 + legal.indexOf(false)] = 0.9;
          }
        }
      });
    expect(known(1)).toMatchObject({ solved: true, metrics: [{ value: 1 }, { value: 1 }, {}] });
    // The last step but one, where T or P must be remembered.
    const forgetful = known(-2);
    expect(forgetful.solved).toBe(false);
    expect(forgetful.metrics[0]!.value).toBeLessThan(1);
    expect(forgetful.metrics[1]!.value).toBe(0);
  });

  test('a tie of a legal and an illegal symbol is not solved', () => {
    const task = make({ validationStrings: 5 });
    const flat = evaluate(task, (_buffers, _steps, _b, outputs) => outputs.fill(1 / 7));
    expect(flat).toMatchObject({ solved: false, metrics: [{ value: 0 }, { value: 0 }, {}] });
  });
});
