import { expect, test } from 'vitest';
import { EarlyStopping } from '../../../engine/training/early-stopping.ts';

function observeAll(stopping: EarlyStopping, values: readonly number[]): string {
  return values
    .map((value, update) => {
      const { best, stop } = stopping.observe(update, value);
      return `${best ? 'b' : '-'}${stop ? 's' : '-'}`;
    })
    .join(' ');
}

test('stops after `patience` evaluations without improvement', () => {
  const stopping = new EarlyStopping({ patience: 2, minDelta: 0 }, 'lower');
  expect(observeAll(stopping, [3, 2, 2, 1.5, 1.6, 1.7])).toBe('b- b- -- b- -- -s');
  expect(stopping.state).toEqual({ best: { value: 1.5, update: 3 }, reference: 1.5, waited: 2 });
});

test('asks for more than minDelta, yet knows the best', () => {
  const stopping = new EarlyStopping({ patience: 3, minDelta: 0.1 }, 'higher');
  expect(observeAll(stopping, [0.5, 0.55, 0.59, 0.62])).toBe('b- b- b- b-');
  expect(stopping.state).toEqual({ best: { value: 0.62, update: 3 }, reference: 0.62, waited: 0 });
  expect(observeAll(stopping, [0.63, 0.64, 0.65])).toBe('b- b- bs');
});

test('never stops without settings, and never takes what is not finite for the best', () => {
  const stopping = new EarlyStopping(null, 'lower');
  expect(observeAll(stopping, [NaN, 5, -Infinity, 6, 7, 8])).toBe('-- b- -- -- -- --');
});

test('goes on from its state as if uninterrupted', () => {
  const values = [3, 2.5, 2.6, 2.4, 2.41, 2.42, 2.43];
  const whole = new EarlyStopping({ patience: 3, minDelta: 0.01 }, 'lower');
  const expected = observeAll(whole, values);
  for (let cut = 0; cut <= values.length; cut++) {
    const first = new EarlyStopping({ patience: 3, minDelta: 0.01 }, 'lower');
    const before = observeAll(first, values.slice(0, cut));
    const second = new EarlyStopping({ patience: 3, minDelta: 0.01 }, 'lower', first.state);
    expect([before, observeAll(second, values.slice(cut))].filter(Boolean).join(' ')).toBe(expected);
  }
});
