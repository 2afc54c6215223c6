import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { TaskTeller } from '../../../electron/tasks/task-teller.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a thread that does not answer is ended, and the next question has another one', async () => {
  const teller = new TaskTeller();
  const answer = teller.bundledDatasets();
  vi.advanceTimersByTime(600_000);
  await expect(answer).rejects.toThrow('reading the data took more than ten minutes and was ended');
  const { task } = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task: { id: 'parity', length: 10 },
    model: { cell: 'lstm', hiddenSize: 2 },
    training: { updates: 1 },
  });
  expect(await teller.describe(task, '')).toHaveProperty('samples');
  vi.advanceTimersByTime(600_000);
  expect(await teller.describe(task, '')).toHaveProperty('samples');
  await teller.close();
});
