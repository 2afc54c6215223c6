import { expect, test } from 'vitest';
import { Frames } from '../../../renderer/state/frames.ts';

function setUp() {
  const requested: (() => void)[] = [];
  const frames = new Frames((callback) => requested.push(callback));
  return { frames, requested, next: () => requested.shift()?.() };
}

test('does one piece of work a frame, in the order of asking', () => {
  const { frames, next } = setUp();
  const done: string[] = [];
  frames.schedule({}, () => done.push('a'));
  frames.schedule({}, () => done.push('b'));
  next();
  expect(done).toEqual(['a']);
  next();
  expect(done).toEqual(['a', 'b']);
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
