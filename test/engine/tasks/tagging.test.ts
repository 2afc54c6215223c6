import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { STRESSES, stressSequences } from '../../../engine/tasks/prepare.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { taggingTask } from '../../../engine/tasks/tagging.ts';
import { evaluate, perfectLabels, setsOf, single, throughFile } from './batch.ts';
import { head } from './head.ts';

const ENTRIES = [
  { word: 'READ', phones: 'R EH1 D' },
  { word: 'READ(1)', phones: 'R IY1 D' },
  { word: 'RED', phones: 'R EH1 D' },
  { word: 'REED', phones: 'R IY1 D' },
  { word: 'HELLO', phones: 'HH AH0 L OW1' },
  { word: 'HELLO(1)', phones: 'HH EH0 L OW1' },
  { word: 'DIM', phones: 'D IH1 M' },
  { word: 'RHYTHM', phones: 'R IH1 DH AH0 M' },
  { word: 'ODD', phones: 'AA1 D' },
  { word: 'ADD', phones: 'AE1 D' },
];

describe('stress sequences', () => {
  const sequences = stressSequences(ENTRIES);

  test('are phones without their stress, tagged with it', () => {
    expect(sequences[4]).toMatchObject({ symbols: ['HH', 'AH', 'L', 'OW'], tags: ['none', '0', 'none', '1'] });
  });

  test('group the pronunciations of a word, words that sound the same, and what is linked by both', () => {
    const groups = sequences.map(({ group }) => group);
    expect(new Set(groups.slice(0, 4)).size).toBe(1);
    expect(groups[4]).toBe(groups[5]);
    expect(new Set(groups).size).toBe(6);
    const turned = stressSequences([...ENTRIES].reverse()).map(({ group }) => group);
    expect(turned.reverse()).toEqual(groups);
  });

  test('refuse what is no phone', () => {
    expect(() => stressSequences([{ word: 'X', phones: 'EH3 K S' }])).toThrow(InputError);
    expect(() => stressSequences([{ word: 'X', phones: 'EH1  K' }])).toThrow('the pronunciation of "X" has ""');
  });
});

describe('a tagging task', () => {
  const task = taggingTask(head, stressSequences(ENTRIES), STRESSES, { validationShare: 0.3, split: 3 }, 'word');
  const { train, validation } = setsOf(task);

  test('writes a tag for each symbol and nothing beyond', () => {
    expect(train.count + validation.count).toBe(ENTRIES.length);
    for (let item = 0; item < train.count; item++) {
      const { tokens, targetLabels, lengths } = single(task, train, item);
      const phones = Array.from(tokens!, (token) => (task.input.kind === 'tokens' ? task.input.symbols[token]! : ''));
      const tags = Array.from(targetLabels!, (tag) => STRESSES[tag]!);
      expect(lengths[0]).toBe(phones.length);
      expect(train.describe(item)).toEqual({ input: phones.join(' '), target: tags.join(' ') });
      const spelt = phones.map((phone, t) => (tags[t] === 'none' ? phone : phone + tags[t]!)).join(' ');
      expect(ENTRIES.map((entry) => entry.phones)).toContain(spelt);
    }
  });

  test('counts tags and whole sequences', () => {
    const right = evaluate(task, perfectLabels(4, 'step'));
    expect(right.metrics.map(({ name, value }) => [name, value])).toEqual([
      ['accuracy', 1],
      ['sequenceAccuracy', 1],
      ['crossEntropy', 1],
    ]);
    const none = evaluate(task, (buffers, steps, b, outputs) => {
      for (let t = 0; t < steps; t++) {
        outputs[(t * buffers.batchSize + b) * 4] = 1;
      }
    });
    // Consonants are most frequent: no stress is the most frequent tag.
    expect(task.baselines()[0]!.metric.value).toBe(none.metrics[0]!.value);
    expect(none.metrics[1]!.value).toBe(0);
    expect(task.baselines()[1]!.metric.value).toBeGreaterThan(none.metrics[0]!.value);
  });

  test('its codec, restored from its state, takes phones and gives tags', () => {
    const codec = restoreCodec(throughFile(task.state));
    const encoded = codec.encode('R D');
    expect(encoded).toEqual(codec.encode(['R', 'D']));
    expect(codec.decode(encoded, Float32Array.of(0.5, 0.25, 0.25, 0, 0, 0, 1, 0))).toEqual([
      { symbol: 'R', tag: 'none', probability: 0.5 },
      { symbol: 'D', tag: '1', probability: 1 },
    ]);
    expect(() => codec.encode('R ZZ')).toThrow('symbol 2 of the input is "ZZ"');
  });
});
