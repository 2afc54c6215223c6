import { describe, expect, test } from 'vitest';
import { DivergenceError } from '../../../engine/errors.ts';
import { DivergenceDetector } from '../../../engine/training/divergence.ts';

function failure(act: () => void): DivergenceError {
  try {
    act();
  } catch (error) {
    if (error instanceof DivergenceError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('DivergenceDetector', () => {
  test.each([
    [NaN, 1, 'training diverged at update 12: the loss became not a number (NaN)'],
    [Infinity, 1, 'training diverged at update 12: the loss became infinite'],
    [1, NaN, "training diverged at update 12: the gradient's norm became not a number (NaN)"],
    [1, Infinity, "training diverged at update 12: the gradient's norm became infinite"],
    [1, 2e10, "training diverged at update 12: the gradient's norm exploded to 2.0e+10"],
  ])('loss %d, gradient norm %d', (loss, gradientNorm, message) => {
    const detector = new DivergenceDetector(0);
    detector.check(11, 1, 1, 0.01);
    const error = failure(() => detector.check(12, loss, gradientNorm, 0.01));
    expect(error.message).toBe(message);
    expect(error.hint).toBe('try a smaller learning rate (0.001 instead of 0.01), or clip the gradient (clipNorm 1)');
  });

  test('does not mind large gradients that are clipped', () => {
    const detector = new DivergenceDetector(5);
    expect(() => detector.check(0, 1, 1e20, 0.01)).not.toThrow();
    expect(failure(() => detector.check(1, NaN, 1, 0.03)).hint).toBe(
      'try a smaller learning rate (0.003 instead of 0.03), or clip the gradient more (clipNorm below 5)',
    );
  });

  test('takes a loss that stays a thousand times the first for an explosion, a single one for an outlier', () => {
    const detector = new DivergenceDetector(0);
    detector.check(0, 0, 1, 0.01);
    detector.check(1, 2, 1, 0.01);
    for (let update = 2; update < 100; update++) {
      detector.check(update, update % 10 === 0 ? 1999 : 2001, 1, 0.01);
    }
    detector.check(100, 1, 1, 0.01);
    for (let update = 101; update < 110; update++) {
      detector.check(update, 3e4, 1, 0.01);
    }
    expect(failure(() => detector.check(110, 3e4, 1, 0.01)).message).toBe(
      "training diverged at update 110: the loss has been over 1000 times the first one's 2.00 for 10 updates, now 3.0e+4",
    );
  });

  test('goes on from its state', () => {
    const first = new DivergenceDetector(0);
    first.check(0, 1, 1, 0.01);
    for (let update = 1; update < 6; update++) {
      first.check(update, 5000, 1, 0.01);
    }
    const second = new DivergenceDetector(0, first.state);
    for (let update = 6; update < 10; update++) {
      second.check(update, 5000, 1, 0.01);
    }
    expect(() => second.check(10, 5000, 1, 0.01)).toThrow(DivergenceError);
  });
});
