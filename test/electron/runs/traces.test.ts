import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { traceNames, traceView } from '../../../engine/team/traces.ts';
import type { Session } from '../../../engine/training/session.ts';
import { startSession } from '../../../electron/runs/start-session.ts';
import { temporaryFolder } from '../folder.ts';
import { ENDLESS, openRuns, smallExperiment } from './open-runs.ts';

/** An undisturbed session of the same experiment after so many updates. */
async function sessionAt(experiment: object, update: number): Promise<Session> {
  const { session } = await startSession(parseExperiment(experiment), { threads: 1 });
  while (session.update < update) {
    session.step();
  }
  return session;
}

describe('looking into a run', () => {
  test('shows the activations of its last update, to the bit', async () => {
    const experiment = smallExperiment(ENDLESS);
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment, start: true });
    await open.next(({ event }) => event === 'runs.progress');
    const { progress } = await open.runs.pause({ id });
    const list = await open.traces.list({ run: id });
    const names = list.traces.map(({ name }) => name);
    const seen = await open.traces.read({ run: id, names });
    const session = await sessionAt(experiment, progress.update);

    expect(list).toMatchObject({ update: progress.update, part: 'training' });
    expect(names).toEqual(traceNames(session.team));
    expect(names).toEqual(expect.arrayContaining(['recurrent.l0.forget', 'recurrent.l0.cell', 'outputs']));
    for (const { name, steps, batch, units, values } of seen.traces) {
      const view = traceView(session.team, name);
      expect([steps ?? undefined, batch, units]).toEqual([view.steps, view.batch, view.units]);
      expect(values, name).toEqual(view.toArray());
    }
    const one = await open.traces.read({ run: id, names: ['recurrent.l0.forget'], item: 3 });
    expect(one.traces[0]).toMatchObject({ steps: 10, batch: 1, units: 8 });
    expect(one.traces[0]?.values).toEqual(traceView(session.team, 'recurrent.l0.forget').toArray(3));
    await session.stop();
  });

  test('is done while it trains, and changes nothing in it', async () => {
    const experiment = smallExperiment(ENDLESS);
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment, start: true });
    await open.next(({ event }) => event === 'runs.progress');
    const updates: number[] = [];
    while (updates.length < 20) {
      const { update, traces } = await open.traces.read({
        run: id,
        names: ['recurrent.l0.forget', 'recurrent.l0.hidden'],
      });
      updates.push(update);
      expect(traces.map(({ values }) => values.length)).toEqual([10 * 8 * 8, 10 * 8 * 8]);
      expect(traces[0]?.values.every((gate) => gate > 0 && gate < 1)).toBe(true);
    }
    const { progress } = await open.runs.pause({ id });
    const session = await sessionAt(experiment, progress.update);
    const watched = await open.traces.read({ run: id, names: ['outputs'] });

    expect(updates).toEqual(updates.toSorted((a, b) => a - b));
    expect(new Set(updates).size).toBeGreaterThan(1);
    expect(watched.traces[0]?.values).toEqual(traceView(session.team, 'outputs').toArray());
    await session.stop();
  });

  test('is refused in a sentence where there is nothing to see', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: false });
    await expect(open.traces.list({ run: id })).rejects.toThrow('is ready; there is no process to look into');
    await open.runs.start({ id });
    await open.next(({ event }) => event === 'runs.progress');
    await open.runs.pause({ id });
    const read = (names: string[], item?: number) => open.traces.read({ run: id, names, ...(item ? { item } : {}) });
    await expect(read(['recurrent.l0.forgetting'])).rejects.toThrow('There is no trace "recurrent.l0.forgetting".');
    await expect(read(['outputs'], 8)).rejects.toThrow('there is no item 8 in a batch of 8');
    await expect(read(Array<string>(256).fill('recurrent.l0.forget'))).resolves.toMatchObject({ part: 'training' });
    await open.runs.stop({ id });
    await expect(open.traces.list({ run: id })).rejects.toThrow('is stopped; there is no process to look into');
    await expect(open.traces.list({ run: 'none' })).rejects.toThrow('there is no run none');
  });

  test.skipIf(process.platform === 'win32')('is answered also where the process is lost meanwhile', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
    await open.next(({ event }) => event === 'runs.progress');
    const pid = open.inside.processes.get(id) ?? 0;
    process.kill(pid, 'SIGSTOP');
    const answer = open.traces.list({ run: id });
    process.kill(pid, 'SIGKILL');
    await expect(answer).rejects.toThrow('The training process has ended.');
    await open.reach(id, 'failed');
  });
});
