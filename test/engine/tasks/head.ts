import type { TaskHead } from '../../../engine/tasks/task.ts';

export const head: TaskHead = {
  id: 'test',
  title: 'Test',
  origin: { title: 'Test', source: 'Made for this test.', licence: 'MIT' },
};
