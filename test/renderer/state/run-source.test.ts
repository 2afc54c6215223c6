import { expect, test } from 'vitest';
import { Frames } from '../../../renderer/state/frames.ts';
import type { Lab } from '../../../renderer/state/lab.svelte.ts';
import { Notices } from '../../../renderer/state/notices.svelte.ts';
import { Pace } from '../../../renderer/state/pace.ts';
import { RunList } from '../../../renderer/state/run-list.svelte.ts';
import { RunSource } from '../../../renderer/state/run-source.svelte.ts';
import { atOnce, fakeProgram, runInfo } from '../fake-program.ts';
import { Followed } from '../follow.svelte.ts';

test('the checkpoint that is looked at is the same while the run only goes on', async () => {
  const { progress } = runInfo({ id: 'new' });
  const program = fakeProgram({ runs: { list: () => [runInfo({ id: 'new' })] } });
  const list = new RunList(program.connection, new Notices(), new Pace(new Frames(atOnce)));
  await list.load();
  const lab = { router: { place: { checkpoint: 50 } }, openRun: undefined } as unknown as Lab;
  const source = new RunSource(lab, () => list.find('new')!);
  const updates = new Followed(() => list.find('new')?.progress.update);
  const keys = new Followed(() => source.key);
  program.emit('runs.progress', { id: 'new', state: 'training', progress: { ...progress, update: 101 } });
  expect(updates.seen).toEqual([progress.update, 101]);
  expect(keys.seen).toEqual([{ run: 'new', update: 50 }]);
  updates.stop();
  keys.stop();
});

test('items of the data are read without asking the view, which may be gone', async () => {
  const { connection } = fakeProgram({
    tasks: { examples: () => ({ available: 1, items: [{ steps: 2, text: 'ab', target: 'b' }] }) },
  });
  let asked = 0;
  const source = new RunSource({ connection } as unknown as Lab, () => {
    asked++;
    return runInfo({ id: 'new' });
  });
  const before = asked;
  expect((await source.read(null, 0))?.id).toBe('item 0');
  expect(asked).toBe(before);
});

test('of a run that trains it is the one that is followed, of another the newest', async () => {
  const { progress } = runInfo({ id: 'new' });
  const program = fakeProgram({ runs: { list: () => [runInfo({ id: 'new' })] } });
  const list = new RunList(program.connection, new Notices(), new Pace(new Frames(atOnce)));
  await list.load();
  const openRun = { followed: 50, checkpoints: [{ update: 50 }, { update: 60 }] };
  const lab = { router: { place: { checkpoint: null } }, openRun } as unknown as Lab;
  const source = new RunSource(lab, () => list.find('new')!);
  const keys = new Followed(() => source.key?.update);
  for (const [state, update] of [
    ['paused', 60],
    ['training', 50],
    ['paused', 60],
  ] as const) {
    program.emit('runs.progress', { id: 'new', state, progress });
    expect(keys.seen.at(-1)).toBe(update);
  }
  keys.stop();
});
