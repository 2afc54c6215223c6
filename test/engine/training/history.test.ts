import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../engine/errors.ts';
import { encodeHistoryRecord, parseHistory } from '../../../engine/training/history.ts';
import type { HistoryRecord } from '../../../engine/training/history.ts';

const records: HistoryRecord[] = [
  { update: 10, epoch: 0, loss: 4.2, gradientNorm: 0.5, learningRate: 1e-3, tokensPerSecond: 12345.5, seconds: null },
  {
    update: 20,
    epoch: 1,
    loss: 3.1,
    gradientNorm: 0.25,
    learningRate: 1e-3,
    tokensPerSecond: 12000,
    seconds: 20.25,
    metrics: { bitsPerCharacter: 4.5, perplexity: null },
  },
];
const text = records.map(encodeHistoryRecord).join('');

describe('history', () => {
  test('reads what it writes, one line a record', () => {
    expect(text.split('\n')).toHaveLength(3);
    expect(parseHistory(text, 'h')).toEqual(records);
    expect(parseHistory('', 'h')).toEqual([]);
  });

  test('of a run from before seconds were kept does not know them', () => {
    expect(parseHistory(text.replaceAll(/,"seconds":[^,}]+/gu, ''), 'h').map(({ seconds }) => seconds)).toEqual([
      null,
      null,
    ]);
  });

  test('leaves out a last line that was cut anywhere', () => {
    const firstLine = text.indexOf('\n') + 1;
    for (let length = firstLine; length < text.length; length++) {
      expect(parseHistory(text.slice(0, length), 'h')).toEqual(records.slice(0, 1));
    }
  });

  test('writes metrics that are not finite as null', () => {
    const [first] = records;
    const line = encodeHistoryRecord({ ...first!, metrics: { perplexity: Infinity } });
    expect(parseHistory(line, 'h')[0]?.metrics).toEqual({ perplexity: null });
  });

  test.each([
    ['{"update": 1}\n', 'h, record 1: epoch must be a number'],
    [`${text}[]\n`, 'h, record 3 is not an object'],
    [`${text}{"update\n`, 'h, record 3, line 1, column 9: the text ends within a string'],
    [text.replace('20.25', '"x"'), 'h, record 2: seconds must be a number, or null where they are not known'],
    [text.replace('4.5', '"x"'), 'h, record 2: metrics must be an object of numbers'],
  ])('names the record that is wrong', (wrong, message) => {
    expect(() => parseHistory(wrong, 'h')).toThrow(new FormatError(message));
  });
});
