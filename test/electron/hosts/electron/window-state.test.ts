import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  placeWindow,
  readWindowState,
  writeWindowState,
  type Area,
  type WindowState,
} from '../../../../electron/hosts/electron/window-state.ts';

const state = (x: number, y: number, width = 1200, height = 800): WindowState => ({
  bounds: { x, y, width, height },
  maximized: false,
  theme: 'system',
});

describe('the place of a window', () => {
  const large: Area = { x: 0, y: 0, width: 1920, height: 1080 };
  const second: Area = { x: 1920, y: -200, width: 2560, height: 1440 };
  const bounds = (before: WindowState | undefined, ...others: Area[]): object =>
    placeWindow(before, [large, ...others]).bounds;

  test('is the system’s choice where there was none yet', () => {
    expect(bounds(undefined)).toEqual({ width: 1360, height: 860 });
  });

  test.each([
    ['inside the display', state(100, 50), []],
    ['on a second display', state(2500, -100), [second]],
    ['half beyond an edge', state(-1000, 50), []],
  ] as const)('is as it was: %s', (_name, before, others) => {
    expect(bounds(before, ...others)).toEqual(before.bounds);
  });

  test.each([
    ['on a display that is gone', state(2500, 100)],
    ['with its top above every display', state(100, -50)],
    ['with its top at the very bottom', state(100, 1000)],
    ['with a sliver left', state(-1150, 50)],
  ])('keeps its size alone: %s', (_name, before) => {
    expect(bounds(before)).toEqual({ width: 1200, height: 800 });
  });

  test('is never too small', () => {
    expect(placeWindow(state(0, 0, 10, 10), [large])).toEqual({
      bounds: { x: 0, y: 0, width: 800, height: 560 },
      minSize: { width: 800, height: 560 },
    });
  });

  test.each([
    ['1366 x 768', { x: 0, y: 0, width: 1366, height: 728 }, { width: 1360, height: 728 }],
    ['1366 x 768 at 125 %', { x: 0, y: 0, width: 1093, height: 582 }, { width: 1093, height: 582 }],
  ] as const)('fits a screen of %s from the first time on', (_name, area, size) => {
    expect(placeWindow(undefined, [area])).toEqual({ bounds: size, minSize: { width: 800, height: 560 } });
  });

  test('may be as small as a screen that is smaller than the page needs', () => {
    const tiny = { x: 0, y: 0, width: 640, height: 440 };
    const size = { width: 640, height: 440 };
    expect(placeWindow(undefined, [tiny])).toEqual({ bounds: size, minSize: size });
  });

  test('comes onto the display whole where it was larger than that', () => {
    const area = { x: 0, y: 30, width: 1093, height: 582 };
    expect(placeWindow(state(200, 100), [area]).bounds).toEqual({ x: 0, y: 30, width: 1093, height: 582 });
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
    writeWindowState(path, { ...state(3, 4), maximized: true, theme: 'dark' });
    expect(readWindowState(path)).toEqual({ ...state(3, 4), maximized: true, theme: 'dark' });
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

  test('that cannot be written is no reason to fail', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'window.json');
    writeWindowState(path, state(0, 0));
    expect(readWindowState(path)).toBeUndefined();
  });
});
