import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { TimeWindow } from '../../../renderer/drawing/time-window.svelte.ts';

function windowOf(steps: number, width: number): TimeWindow {
  const time = new TimeWindow();
  time.width = width;
  time.steps = steps;
  return time;
}

describe('the window on time', () => {
  test('shows all steps where their symbols can be read', () => {
    const time = windowOf(40, 800);
    expect({ cell: time.cell, first: time.first, visible: time.visible }).toEqual({ cell: 20, first: 0, visible: 40 });
  });

  test('shows all of a hundred numbered steps, and says where there is more', () => {
    const time = windowOf(100, 810);
    expect([time.before, time.after]).toEqual([false, true]);
    time.reveal(99);
    expect([time.before, time.after]).toEqual([true, false]);
    time.numbered = true;
    expect(time.visible).toBe(100);
    expect([time.before, time.after]).toEqual([false, false]);
  });

  test('shows a part of a long sequence, in which the step that is chosen lies', () => {
    const time = windowOf(1000, 800);
    expect(time.visible).toBeLessThan(100);
    time.reveal(500);
    expect(time.xOf(500)).toBeGreaterThanOrEqual(0);
    expect(time.xOf(501)).toBeLessThanOrEqual(800);
    const { first } = time;
    time.reveal(499);
    expect(time.first).toBe(first);
  });

  test('zooms out until all is in view, and about the place that is pointed at', () => {
    const time = windowOf(1000, 800);
    time.reveal(500);
    const step = time.stepAt(300);
    time.zoom(2, 300);
    expect(time.stepAt(300)).toBe(step);
    time.zoom(1e-6, 300);
    expect(time.visible).toBeCloseTo(1000);
  });

  property.prop([
    fc.integer({ min: 1, max: 2000 }),
    fc.integer({ min: 50, max: 2000 }),
    fc.array(fc.float({ noNaN: true })),
  ])('never leaves the sequence', (steps, width, pans) => {
    const time = windowOf(steps, width);
    for (const by of pans) time.pan(by);
    expect(time.first).toBeGreaterThanOrEqual(0);
    expect(time.first + time.visible).toBeLessThanOrEqual(steps + 1e-6);
    for (const x of [0, width / 2, width]) {
      expect(time.stepAt(x)).toBeGreaterThanOrEqual(0);
      expect(time.stepAt(x)).toBeLessThan(steps);
    }
  });
});
