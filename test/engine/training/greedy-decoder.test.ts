import { describe, expect, test } from 'vitest';
import { GreedyDecoder } from '../../../engine/training/greedy-decoder.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';
import { buffersFor, setsOf } from '../tasks/batch.ts';
import { smallTask } from './small-tasks.ts';

const B = 4;
const task = smallTask('translation');
const { validation } = setsOf(task);
const labels = task.output.kind === 'labels' ? task.output.labels : [];
const V = labels.length;
const { start, end } = task.boundaries!;

/** Decodes all items with a model that gives, for the column's source and what is written so far, the next label. */
function decodeAll(next: (item: number, written: readonly number[]) => number, steps = validation.maxSteps) {
  const buffers = buffersFor(task, validation.maxSteps, B, validation.maxSourceSteps);
  const { excluded } = task.codec.target!;
  const decoder = new GreedyDecoder(validation, buffers, { boundaries: task.boundaries!, excluded, steps, labels: V });
  const found = new Map<number, string>();
  let passes = 0;
  for (const items of decoder.batches(Array.from({ length: validation.count }, (_, i) => i))) {
    for (const batch of decoder.decode(items)) {
      passes++;
      expect(batch).toMatchObject({ columns: items.length, items, continues: false });
      expect(batch.sourceSteps).toBe(Math.max(...items.map((item) => validation.sourceStepsOf!(item))));
      expect(new Set(buffers.targetLabels)).toEqual(new Set([IGNORED]));
      const outputs = new Float32Array(batch.steps * B * V);
      items.forEach((item, b) => {
        const fed = Array.from({ length: batch.steps }, (_, t) => buffers.tokens![t * B + b]!);
        expect(fed[0]).toBe(start);
        expect(buffers.lengths[b]).toBe(batch.steps);
        outputs[((batch.steps - 1) * B + b) * V + next(item, fed.slice(1))] = 0.9;
        // More probable still, but never to be written.
        outputs[((batch.steps - 1) * B + b) * V + start] = 1;
      });
      decoder.take(outputs);
    }
    items.forEach((item, b) => found.set(item, task.codec.target!.write(decoder.decoded(b))));
  }
  return { found, passes };
}

describe('greedy decoding', () => {
  test('feeds back what it wrote, until every column has ended', () => {
    const { found } = decodeAll((item, written) => {
      const { target } = validation.describe(item);
      const soFar = task.codec.target!.write(written.filter((label) => label !== end));
      expect(target.startsWith(soFar)).toBe(true);
      return soFar.length < target.length ? labels.indexOf(target[soFar.length]!) : end;
    });
    expect(found.size).toBe(validation.count);
    for (const [item, text] of found) expect(text).toBe(validation.describe(item).target);
  });

  test('ends at the longest that was planned', () => {
    const { found, passes } = decodeAll(() => 4, 3);
    expect([...new Set(found.values())]).toEqual([labels[4]!.repeat(3)]);
    expect(passes).toBe(3 * Math.ceil(validation.count / B));
  });
});
