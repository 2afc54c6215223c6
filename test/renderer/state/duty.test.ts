import { beforeEach, expect, test } from 'vitest';
import { Duty, LONGEST_REST, REST } from '../../../renderer/state/duty.ts';
import { TestClock } from './test-clock.ts';

let clock: TestClock;
let duty: Duty;
let done: number;

beforeEach(() => {
  clock = new TestClock();
  duty = new Duty(clock);
  done = 0;
});

const begin = (): (() => Promise<void>) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const counted = duty.count(() => promise);
  return async () => {
    resolve(undefined);
    await counted;
  };
};
const ask = (): (() => void) => duty.whenRested(() => done++);

test('lets work begin at once where nothing was done', () => {
  ask();
  expect(done).toBe(1);
});

test('rests in proportion to the work', async () => {
  const end = begin();
  clock.pass(100);
  await end();
  ask();
  clock.pass(100 * REST - 1);
  expect(done).toBe(0);
  clock.pass(1);
  expect(done).toBe(1);
});

test('counts overlapping work once, from its first beginning to its last end', async () => {
  const ends = [begin(), begin()];
  clock.pass(10);
  await ends[0]?.();
  ask();
  clock.pass(10);
  expect(done).toBe(0);
  await ends[1]?.();
  clock.pass(20 * REST - 1);
  expect(done).toBe(0);
  clock.pass(1);
  expect(done).toBe(1);
});

test('never rests longer than can be waited for', async () => {
  const end = begin();
  clock.pass(60_000);
  await end();
  ask();
  clock.pass(LONGEST_REST);
  expect(done).toBe(1);
});

test('lets one thing begin at a time', async () => {
  duty.whenRested(() => {
    void duty.count(() => {
      clock.pass(10);
      return Promise.resolve();
    });
  });
  ask();
  await Promise.resolve();
  clock.pass(10 * REST - 1);
  expect(done).toBe(0);
  clock.pass(1);
  expect(done).toBe(1);
});

test('counts work that fails, and hands on why', async () => {
  const failing = duty.count(() => {
    clock.pass(10);
    return Promise.reject(new Error('gone'));
  });
  await expect(failing).rejects.toThrow('gone');
  ask();
  expect(done).toBe(0);
  clock.pass(10 * REST);
  expect(done).toBe(1);
});

test('what is called off while it works or while it rests is not done', async () => {
  const end = begin();
  clock.pass(10);
  ask()();
  const callOff = ask();
  await end();
  callOff();
  ask()();
  clock.pass(LONGEST_REST);
  expect(done).toBe(0);
});
