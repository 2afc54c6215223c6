/** What a host does about a training process that does not answer: processes that only pretend, on a clock of ours. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveRun, type LiveEnd } from '../../../electron/runs/live-run.ts';
import type { OrderMessage, StartMessage } from '../../../electron/runs/messages.ts';
import type { ProcessListener } from '../../../electron/runs/start-process.ts';

const START: StartMessage = {
  kind: 'start',
  folder: '',
  datasets: '',
  experiment: {},
  threads: 1,
  from: null,
  paused: false,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process that trains, and answers nothing. `mortal`: killing it ends it. */
function mute({ mortal = true, started = true } = {}) {
  const ends: LiveEnd[] = [];
  const posted: OrderMessage['kind'][] = [];
  let listener: ProcessListener | undefined;
  let kills = 0;
  const live = new LiveRun(
    (given) => {
      listener = given;
      return {
        pid: undefined,
        post: ({ kind }) => posted.push(kind),
        kill() {
          kills += 1;
          if (mortal) given.exit('signal SIGKILL', '');
        },
      };
    },
    START,
    { message: () => undefined, end: (end) => ends.push(end) },
  );
  if (started)
    listener?.message({ kind: 'started', update: 0, totalUpdates: 100, threads: 1, build: 'plain', damaged: [] });
  return {
    live,
    ends,
    posted,
    get kills() {
      return kills;
    },
    /** Seconds pass, with a sign of life in each or without. */
    pass(seconds: number, alive: boolean) {
      for (let second = 0; second < seconds; second++) {
        if (alive) listener?.beat();
        vi.advanceTimersByTime(1000);
      }
    },
    say: (message: object) => listener?.message(message),
  };
}

const FROZEN = {
  kind: 'failed',
  failure: {
    code: 'not-responding',
    message: 'the training process did not respond: it was frozen, and was ended',
  },
};

test.each(['stop', 'pause', 'step'] as const)('a frozen process is killed within 9 seconds of %s', async (order) => {
  const frozen = mute();
  const done = frozen.live[order]();
  frozen.pass(7, false);
  expect(frozen.kills).toBe(0);
  frozen.pass(2, false);
  expect(frozen.kills).toBe(1);
  await done;
  expect(frozen.ends).toEqual([FROZEN]);
});

test('looking into a frozen process ends it, and fails in a sentence', async () => {
  const frozen = mute();
  const seen = frozen.live.look({ names: null, item: null });
  frozen.pass(9, false);
  await expect(seen).rejects.toThrow('The training process has ended.');
  expect(frozen.kills).toBe(1);
});

test('a process that shows signs of life has ten minutes for an update', async () => {
  const busy = mute();
  const done = busy.live.stop();
  busy.pass(599, true);
  expect(busy.kills).toBe(0);
  busy.pass(2, true);
  expect(busy.kills).toBe(1);
  await done;
  expect(busy.ends).toMatchObject([
    { failure: { message: 'the training process was busy for 600 seconds and did not answer, and was ended' } },
  ]);
});

test('at the end of the program it has half a minute, or four of its updates', async () => {
  const slow = mute();
  slow.pass(17, true);
  slow.say({ kind: 'checkpoint', update: 1, bytes: 1 });
  const quick = mute();
  const done = Promise.all([quick.live.stop('closing'), slow.live.stop('closing')]);
  for (let second = 0; second < 31; second++) {
    quick.say({ kind: 'checkpoint', update: 1, bytes: 1 });
    slow.pass(1, true);
  }
  expect([quick.kills, slow.kills]).toEqual([1, 0]);
  slow.pass(38, true);
  expect(slow.kills).toBe(1);
  await done;
});

test('nobody is killed who is not waited for, and pauses are no updates', async () => {
  const idle = mute();
  idle.pass(100, false);
  const paused = idle.live.pause();
  idle.say({ kind: 'paused', update: 1 });
  await paused;
  idle.pass(1000, false);
  idle.live.resume();
  const done = idle.live.stop('closing');
  idle.pass(100, true);
  expect(idle.kills).toBe(0);
  idle.pass(1000, true);
  expect(idle.kills).toBe(1);
  await done;
});

test('a process that has not begun loses nothing: stopped, it is stopped', async () => {
  const slow = mute({ started: false });
  const done = slow.live.stop();
  slow.pass(9, false);
  await done;
  expect(slow.ends).toEqual([{ kind: 'ended', reason: 'stopped', update: 0 }]);
});

test('a process that starts slowly is waited for by a pause', async () => {
  const slow = mute({ started: false });
  const done = slow.live.pause();
  slow.pass(50, false);
  expect(slow.kills).toBe(0);
  slow.pass(11, false);
  expect(slow.kills).toBe(1);
  await done;
});

test('a process that the system cannot end is given up, once', async () => {
  const immortal = mute({ mortal: false });
  const done = immortal.live.stop();
  immortal.pass(20, false);
  await done;
  expect(immortal.live.state).toBe('ended');
  expect(immortal.ends).toEqual([FROZEN]);
});
