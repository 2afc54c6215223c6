import { beforeEach, expect, test } from 'vitest';
import { Notices } from '../../../renderer/state/notices.svelte.ts';

let notices: Notices;
/** What waits, with the time at which it is due. */
let waiting: { work: () => void; due: number }[];
let now: number;

beforeEach(() => {
  waiting = [];
  now = 0;
  notices = new Notices((work, milliseconds) => {
    const one = { work, due: now + milliseconds };
    waiting.push(one);
    return () => (waiting = waiting.filter((other) => other !== one));
  });
});

function pass(milliseconds: number): void {
  now += milliseconds;
  for (const one of waiting.filter(({ due }) => due <= now)) {
    waiting = waiting.filter((other) => other !== one);
    one.work();
  }
}

const texts = (): readonly string[] => notices.list.map(({ text }) => text);
const undo = { label: 'Undo', run: () => undefined };

test('news go by themselves, those that offer something later, and errors never', () => {
  notices.tell('“Moods” is in the workspace.');
  notices.tell('“A run” was deleted.', undo);
  notices.fail({ code: 'x', message: 'The disk is full.' });
  pass(4000);
  expect(texts()).toHaveLength(3);
  pass(4000);
  expect(texts()).toEqual(['“A run” was deleted.', 'The disk is full.']);
  pass(5000);
  expect(texts()).toEqual(['The disk is full.']);
  pass(3_600_000);
  expect(texts()).toEqual(['The disk is full.']);
});

test('a longer text stays longer', () => {
  notices.tell('Saved.');
  notices.tell(
    'The data did not come along with this run: it can be looked at here, but it cannot be trained further.',
  );
  pass(6000);
  expect(notices.list).toHaveLength(1);
});

test('what is read stays, and goes some time after it has been read', () => {
  const id = notices.tell('Saved.');
  pass(4000);
  notices.keep(id);
  notices.keep(id);
  pass(60_000);
  expect(texts()).toEqual(['Saved.']);
  notices.release(id);
  notices.release(id);
  pass(4000);
  expect(texts()).toEqual(['Saved.']);
  pass(4000);
  expect(texts()).toEqual([]);
});

test('do not pile up: the oldest news give way, errors do not', () => {
  notices.fail({ code: 'x', message: 'An error.' });
  for (const text of ['One.', 'Two.', 'Three.', 'Four.']) notices.tell(text);
  expect(texts()).toEqual(['An error.', 'Three.', 'Four.']);
  for (const text of ['a', 'b', 'c', 'd']) notices.fail({ code: 'x', message: text });
  expect(texts()).toEqual(['An error.', 'a', 'b', 'c', 'd']);
});

test('the same text is there once', () => {
  notices.fail({ code: 'x', message: 'An error.' });
  notices.fail({ code: 'x', message: 'An error.' });
  expect(texts()).toEqual(['An error.']);
});
