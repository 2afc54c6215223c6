import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  boundsFor,
  readWindowState,
  writeWindowState,
  type WindowState,
} from '../../../../electron/hosts/electron/window-state.ts';

const state = (x: number, y: number, width = 1200, height = 800): WindowState => ({
  bounds: { x, y, width, height },
  maximized: false,
});

describe('the bounds of a window', () => {
  const one = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  const two = [...one, { x: 1920, y: -200, width: 2560, height: 1440 }];

  test('are the first ones where there are none yet', () => {
    expect(boundsFor(undefined, one)).toEqual({ width: 1360, height: 860 });
  });

  test.each([
    ['inside the display', state(100, 50), one],
    ['on a second display', state(2500, -100), two],
    ['half beyond an edge', state(-1000, 50), one],
  ])('are as they were: %s', (_name, before, displays) => {
    expect(boundsFor(before, displays)).toEqual(before.bounds);
  });

  test.each([
    ['on a display that is gone', state(2500, 100), one],
    ['with its top above every display', state(100, -50), one],
    ['with its top at the very bottom', state(100, 1000), one],
    ['with a sliver left', state(-1150, 50), one],
  ])('keep their size alone: %s', (_name, before, displays) => {
    expect(boundsFor(before, displays)).toEqual({ width: 1200, height: 800 });
  });

  test('are never too small', () => {
    expect(boundsFor(state(0, 0, 10, 10), one)).toEqual({ x: 0, y: 0, width: 1024, height: 640 });
  });
});

describe('the kept state', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unrolled-window-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('comes back as it was written', () => {
    const path = join(folder, 'window.json');
    writeWindowState(path, { ...state(1, 2), maximized: true });
    writeWindowState(path, { ...state(3, 4), maximized: true });
    expect(readWindowState(path)).toEqual({ ...state(3, 4), maximized: true });
  });

  test.each([
    '',
    '{',
    '[]',
    '{"bounds":{"x":0},"maximized":true}',
    '{"bounds":{"x":1e300,"y":0,"width":1,"height":1},"maximized":true}',
  ])('that is none is as if there were none: %s', async (text) => {
    const path = join(folder, 'window.json');
    await writeFile(path, text);
    expect(readWindowState(path)).toBeUndefined();
  });

  test('that cannot be written is no reason to fail', () => {
    const path = join(folder, 'missing', 'window.json');
    writeWindowState(path, state(0, 0));
    expect(readWindowState(path)).toBeUndefined();
  });
});
