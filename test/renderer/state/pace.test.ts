import { beforeEach, expect, test } from 'vitest';
import { Pace } from '../../../renderer/state/pace.ts';
import { TestClock } from './test-clock.ts';

let clock: TestClock;
let done: number[];
let pace: Pace;
const ask = (): void => pace.ask(() => done.push(clock.now()));

beforeEach(() => {
  clock = new TestClock();
  done = [];
  pace = new Pace(1000, clock);
});

test('the first work is done at once, the next when its time has come, and nothing is lost', () => {
  for (let i = 0; i < 10; i++) {
    ask();
    clock.pass(250);
  }
  expect(done).toEqual([0, 1000, 2000]);
  clock.pass(1000);
  expect(done).toEqual([0, 1000, 2000, 3500]);
});

test('after a while without work it is done at once again', () => {
  ask();
  clock.pass(5000);
  ask();
  expect(done).toEqual([0, 5000]);
});

test('what was called off is not done', () => {
  ask();
  ask();
  pace.cancel();
  clock.pass(2000);
  expect(done).toEqual([0]);
  ask();
  expect(done).toEqual([0, 2000]);
});
