import { expect, test } from 'vitest';
import { Frames } from '../../../renderer/state/frames.ts';

function setUp() {
  const requested: (() => void)[] = [];
  const painted: (() => void)[] = [];
  const clock = { now: 0 };
  const frames = new Frames(
    (callback) => requested.push(callback),
    (callback) => painted.push(callback),
    () => clock.now,
  );
  return { frames, requested, painted, clock, next: () => requested.shift()?.() };
}

test('does in one frame what fits into it, in the order of asking', () => {
  const { frames, next, clock, requested } = setUp();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    frames.schedule({}, () => {
      done.push(name);
      clock.now += 5;
    });
  }
  next();
  expect(done).toEqual(['a', 'b']);
  next();
  expect(done).toEqual(['a', 'b', 'c']);
  expect(requested).toHaveLength(0);
});

test('begins nothing more in a frame after a long piece of work', () => {
  const { frames, next, clock } = setUp();
  const done: string[] = [];
  frames.schedule({}, () => {
    done.push('long');
    clock.now += 20;
  });
  frames.schedule({}, () => done.push('short'));
  next();
  expect(done).toEqual(['long']);
  next();
  expect(done).toEqual(['long', 'short']);
});

test('does only the newest work of an owner, in the place of its first', () => {
  const { frames, next, requested } = setUp();
  const owner = {};
  const done: string[] = [];
  frames.schedule(owner, () => done.push('old'));
  frames.schedule({}, () => done.push('other'));
  frames.schedule(owner, () => done.push('new'));
  next();
  next();
  expect(done).toEqual(['new', 'other']);
  expect(requested).toHaveLength(0);
});

test('asks for no more than one frame at a time, and for none where there is nothing to do', () => {
  const { frames, requested, next } = setUp();
  const owner = {};
  frames.schedule(owner, () => undefined);
  frames.schedule({}, () => undefined);
  expect(requested).toHaveLength(1);
  frames.cancel(owner);
  next();
  expect(requested).toHaveLength(0);
});

test('goes on after work that throws', () => {
  const { frames, requested, next } = setUp();
  const done: string[] = [];
  frames.schedule({}, () => {
    throw new Error('broken');
  });
  frames.schedule({}, () => done.push('b'));
  expect(next).toThrow('broken');
  expect(requested).toHaveLength(1);
  next();
  expect(done).toEqual(['b']);
});

test('counts how long its frames take, their painting included', () => {
  const { frames, next, painted, clock } = setUp();
  frames.schedule({}, () => (clock.now += 3));
  next();
  expect(frames.spent).toBe(0);
  clock.now += 4;
  painted.shift()?.();
  expect(frames.spent).toBe(7);
});
