/** The packed program under Electron's rules: it starts, shows its page, and ends. */
import { describe, expect, inject, test } from 'vitest';
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
    expect(program.told).toEqual(['shown']);
    window.close();
    expect(await program.exit).toBe(0);
    expect(window.complaints).toEqual([]);
    expect(program.errorBoxes).toEqual([]);
  });

  test('trains a first model in a process of its own, is paused, goes on and is stopped', async () => {
    const program = use.desktop.start();
    const { page } = await program.window();
    await page.getByRole('button', { name: 'Train a first model' }).click();
    const bar = page.locator('header[aria-label="Run"]');
    await bar.getByText('training').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await bar.getByText('paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await bar.getByText('training').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await bar.getByText('stopped').waitFor();
    program.windows[0]?.close();
    expect(await program.exit).toBe(0);
  });
});
