/** The packed program under Electron's rules: its start, its window and its end. */
import { readFile } from 'node:fs/promises';
import { describe, expect, inject, test } from 'vitest';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import type { Area } from '../../electron-host/messages.ts';
import { SCALED_SCREEN, SMALL_SCREEN } from './desktop.ts';
import { call } from './lab.ts';
import { eventually } from '../eventually.ts';
import { useDesktop } from './use-desktop.ts';

describe.skipIf(inject('browser') === null)('the packed program', () => {
  const use = useDesktop();

  test('shows its page, isolated and without Node, and ends when its window is closed', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    await window.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await window.page.evaluate(() => crossOriginIsolated)).toBe(true);
    const leaked = ['require', 'process', 'module', '__electronInvoke'];
    expect(await window.page.evaluate((names) => names.filter((name) => name in globalThis), leaked)).toEqual([]);
    await program.until(() => program.told[0], 'a word to the launcher');
    expect(program.told).toEqual(['shown']);
    window.close();
    expect(await program.exit).toBe(0);
    expect(window.complaints).toEqual([]);
    expect(program.errorBoxes).toEqual([]);
    expect(await use.desktop.logText()).toMatch(/start of version \d/u);
  });

  test('does not leave the program: neither for another page nor for a request', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    const { page } = window;
    const before = await eventually(() => page.url());
    const refused = await page.evaluate(() => fetch('https://example.org/').then(String, String));
    expect(refused).toContain('TypeError');
    await page.evaluate(() => {
      location.href = 'https://example.org/';
    });
    await expect.poll(() => window.strayed.length).toBeGreaterThan(0);
    await expect.poll(() => page.url()).toBe(before);
    await page.getByRole('heading', { level: 1 }).waitFor();
  });

  test.each([
    [false, 'light'],
    [true, 'dark'],
  ] as const)('opens its window at once, in the ground of its theme (dark: %s)', async (dark, theme) => {
    const desktop = await use.open({ dark });
    try {
      const program = desktop.start();
      const window = await program.until(() => program.windows[0], 'a window');
      expect(window.look.shown).toBe(true);
      const tokens = await readFile('renderer/theme/tokens.css', 'utf8');
      const [, light, night] = /--ground: (#\w+);[^]*--ground: (#\w+);/u.exec(tokens) ?? [];
      expect(window.look.backgroundColor).toBe({ light, dark: night }[theme]);
      const { page } = await program.window();
      // What a person has chosen comes before what the system has.
      await call(page, 'settings.set', { theme: dark ? 'light' : 'dark' });
      window.close();
      await program.exit;
      const again = desktop.start();
      const second = await again.until(() => again.windows[0], 'a window');
      expect(second.look.backgroundColor).toBe(dark ? light : night);
    } finally {
      await desktop.close();
    }
  });

  test.each([
    ['1366 x 768', SMALL_SCREEN],
    ['1366 x 768 at 125 %', SCALED_SCREEN],
  ] as const)('fits a screen of %s', async (_name, workArea) => {
    const desktop = await use.open({ workArea });
    try {
      const program = desktop.start();
      const window = await program.window();
      expect(isInside(window.bounds, workArea)).toBe(true);
      expect(window.look.minWidth).toBeLessThanOrEqual(workArea.width);
      expect(window.look.minHeight).toBeLessThanOrEqual(workArea.height);
    } finally {
      await desktop.close();
    }
  });

  test.each(['closing its window', 'quitting', 'a signal'] as const)('keeps its place after %s', async (way) => {
    const bounds = { x: 40, y: 30, width: 1000, height: 650 };
    const program = use.desktop.start();
    const window = await program.window();
    window.move(bounds);
    if (way === 'closing its window') window.close();
    else if (way === 'quitting') program.quit();
    else program.signal('SIGTERM');
    expect(await program.exit).toBe(0);
    const again = use.desktop.start();
    const { bounds: kept } = await again.window();
    expect(kept).toEqual(bounds);
  });

  test('a second start shows the window of the first', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    const second = use.desktop.start();
    expect(await second.exit).toBe(0);
    expect(second.windows).toEqual([]);
    expect(window.facts).toContain('focused');
    expect(program.ended).toBe(false);
  });

  test('of two starts at the same time one shows a window', async () => {
    const programs = [use.desktop.start(), use.desktop.start()];
    await Promise.race(programs.map(({ exit }) => exit));
    const [left, ...others] = programs.filter(({ ended }) => !ended);
    expect(others).toEqual([]);
    await left?.window();
    expect(programs.flatMap(({ windows }) => windows)).toHaveLength(1);
    expect(programs.flatMap(({ errorBoxes }) => errorBoxes)).toEqual([]);
  });

  test('a start after the end of the first is a first one', async () => {
    const program = use.desktop.start();
    (await program.window()).close();
    await program.exit;
    const again = use.desktop.start();
    await again.window();
    expect(again.errorBoxes).toEqual([]);
  });

  test('a second start for another workspace is told of the one that is open, and may open its own', async () => {
    const program = use.desktop.start('--workspace', use.desktop.path('first'));
    const { page } = await program.window();
    const workspace = async (): Promise<string> => (await call<{ path: string }>(page, 'workspace.info')).path;
    program.answer = () => ({ response: 1 });
    await use.desktop.start('--workspace', use.desktop.path('second')).exit;
    const question = await program.until(() => program.dialogs[0], 'a question');
    expect(JSON.stringify(question.options)).toContain(use.desktop.path('first'));
    expect(JSON.stringify(question.options)).toContain(use.desktop.path('second'));
    expect(await workspace()).toBe(use.desktop.path('first'));

    // The same one is not asked about.
    await use.desktop.start('--workspace', use.desktop.path('first')).exit;
    program.answer = () => ({ response: 0 });
    await use.desktop.start('--workspace', use.desktop.path('second')).exit;
    await expect.poll(workspace).toBe(use.desktop.path('second'));
    expect(program.dialogs).toHaveLength(2);
  });

  test('a workspace that another program has open is said in a box', async () => {
    const path = use.desktop.path('workspace');
    const held = Workspace.open(path);
    const program = use.desktop.start('--workspace', path);
    expect(await program.exit).toBe(1);
    expect(program.errorBoxes).toHaveLength(1);
    expect(program.errorBoxes[0]?.[1]).toContain(path);
    expect(program.told).toEqual(['shown']);
    held.close();
  });

  test('the folder of what Chromium keeps is no workspace', async () => {
    const profile = use.desktop.path('.local', 'state', 'unrolled', 'profile');
    const program = use.desktop.start(
      '--workspace',
      profile.toUpperCase().replace(use.desktop.home.toUpperCase(), use.desktop.home),
    );
    expect(await program.exit).toBe(1);
    expect(program.errorBoxes[0]?.[1]).toContain('Choose another folder');
  });

  test('its menu leads to the licenses of its parts, in a window of their own', async () => {
    const program = use.desktop.start();
    await program.window();
    program.click('help', 'Licenses');
    const licenses = await program.until(
      () => program.windows.find((window, at) => at > 0 && window.loaded),
      'a window',
    );
    await expect.poll(() => licenses.page.locator('body').innerText()).toContain('SIL OPEN FONT LICENSE');
    expect(await licenses.page.evaluate(() => 'unrolled' in globalThis)).toBe(false);
    licenses.close();
    await licenses.untilGone();
    expect(program.ended).toBe(false);
  });

  test('its menu leads to the log', async () => {
    const program = use.desktop.start();
    await program.window();
    expect(program.menu.find(({ label }) => label === 'help')?.items.map(({ label }) => label)).toContain('about');
    program.click('help', 'Show Log File');
    const note = await program.until(
      () => program.notes.find((what) => what.startsWith('shown in its folder')),
      'the log',
    );
    expect(note).toContain('unrolled.log');
  });

  test('a page that crashes is loaded again, and after the third time the person is asked', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    program.answer = () => ({ response: 1 });
    for (let crash = 0; crash < 3; crash++) {
      await window.crash();
      await window.untilLoaded();
      await window.page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(program.dialogs).toEqual([]);
    await window.crash();
    const dialog = await program.until(() => program.dialogs[0], 'a question');
    expect(JSON.stringify(dialog.options)).toContain('unrolled.log');
    expect(await program.exit).toBe(0);
    expect(await use.desktop.logText()).toContain('the page has ended: crashed');
  });

  test('a page that does not respond can be loaded again', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    program.answer = () => ({ response: 1 });
    window.loaded = false;
    window.hang();
    await window.untilLoaded();
    expect(program.dialogs).toHaveLength(1);
    await window.page.getByRole('heading', { level: 1 }).waitFor();
  });
});

function isInside(bounds: Area, area: Area): boolean {
  const right = bounds.x + bounds.width <= area.x + area.width;
  const bottom = bounds.y + bounds.height <= area.y + area.height;
  return bounds.x >= area.x && bounds.y >= area.y && right && bottom;
}
