import { beforeEach, expect, test } from 'vitest';
import { Frames } from '../../../renderer/state/frames.ts';
import { LONGEST, Pace, REST, SHORTEST } from '../../../renderer/state/pace.ts';
import { TestClock } from './test-clock.ts';

let clock: TestClock;
let done: number[];
let pace: Pace;
let cost: number;
const owner = {};
const work = (): void => {
  done.push(clock.now());
  clock.pass(cost);
};
const ask = (): void => pace.ask(owner, work);

beforeEach(() => {
  clock = new TestClock();
  done = [];
  cost = 0;
  const frames = new Frames(
    (callback) => callback(),
    (callback) => callback(),
    () => clock.now(),
  );
  pace = new Pace(frames, clock);
});

test('the first work is done at once, the next when its time has come, and nothing is lost', () => {
  ask();
  ask();
  clock.pass(SHORTEST - 1);
  expect(done).toEqual([0]);
  clock.pass(1);
  expect(done).toEqual([0, SHORTEST]);
  ask();
  clock.pass(SHORTEST);
  expect(done).toEqual([0, SHORTEST, 2 * SHORTEST]);
});

test('after a while without work it is done at once again', () => {
  ask();
  clock.pass(5000);
  ask();
  expect(done).toEqual([0, 5000]);
});

test('what takes longer to draw is drawn less often, but often enough to be followed', () => {
  cost = 10;
  ask();
  ask();
  clock.pass(10 * REST - cost);
  expect(done).toEqual([0, 10 * REST]);
  cost = 1000;
  clock.pass(5000);
  ask();
  ask();
  clock.pass(LONGEST);
  expect(done).toHaveLength(4);
});

test('what different owners ask for is done in the same drawing, of each the newest', () => {
  ask();
  const seen: string[] = [];
  const other = {};
  pace.ask(other, () => seen.push('old'));
  pace.ask(owner, () => seen.push('owner'));
  pace.ask(other, () => seen.push('new'));
  clock.pass(SHORTEST);
  expect(seen).toEqual(['new', 'owner']);
});

test('what was called off is not done', () => {
  ask();
  ask();
  pace.cancel(owner);
  clock.pass(2000);
  expect(done).toEqual([0]);
  ask();
  expect(done).toEqual([0, 2000]);
});
