/** Files and folders in the packed program: the system's dialogs, and files that are opened with it. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import type { RunningProgram } from './desktop.ts';
import { call, reach, startRun, text } from './lab.ts';
import { useDesktop } from './use-desktop.ts';

describe.skipIf(inject('browser') === null)('files in the packed program', () => {
  const use = useDesktop();
  let program: RunningProgram;
  let page: Page;
  let run: string;
  let bundle: string;

  /** Writes a run to a file, through the dialog. */
  async function exportRun(): Promise<void> {
    bundle = use.desktop.path('run.unrolled');
    program.answer = ({ type }) => (type === 'save' ? { canceled: false, filePath: bundle } : undefined);
    const { path } = await call<{ path: string }>(page, 'dialogs.saveFile', { name: 'run.unrolled' });
    expect(path).toBe(bundle);
    await call(page, 'exports.begin', { run, update: 40, format: 'bundle', path });
    await expect.poll(() => existsSync(bundle)).toBe(true);
  }

  /** The dialog that says what is in the file. */
  const importDialog = (on: Page = page) =>
    on.getByRole('dialog', { name: text('modelImport.title', { name: 'run.unrolled' }) });

  beforeEach(async () => {
    program = use.desktop.start();
    ({ page } = await program.window());
    ({ id: run } = await startRun(page, 'Reversal', 40));
    await reach(page, run, 'finished');
  });

  test('a run is saved where the dialog says, and comes in again by the dialog', async () => {
    const file = use.desktop.path('saved');
    program.answer = ({ type }) => (type === 'save' ? { canceled: false, filePath: file } : undefined);
    await page.evaluate((id) => (location.hash = `#/export?run=${id}`), run);
    await page.getByRole('button', { name: text('export.write'), exact: true }).click();
    await expect.poll(() => existsSync(file)).toBe(true);
    expect((await stat(file)).size).toBeGreaterThan(1000);
    expect(program.dialogs[0]?.options['defaultPath']).toMatch(/^reversal-\d+-onnx\.zip$/u);
    await exportRun();

    program.answer = ({ type }) => (type === 'open' ? { canceled: false, filePaths: [bundle] } : undefined);
    await page.evaluate(() => (location.hash = '#/runs'));
    await page
      .getByRole('button', { name: text('modelImport.open'), exact: true })
      .first()
      .click();
    await importDialog()
      .getByRole('button', { name: text('modelImport.save') })
      .click();
    await expect.poll(async () => (await call<{ runs: number }>(page, 'workspace.info')).runs).toBe(2);
  });

  test('the workspace moves into the folder that the dialog gives', async () => {
    const folder = use.desktop.path('moved');
    program.answer = ({ type }) => (type === 'open' ? { canceled: false, filePaths: [folder] } : undefined);
    const { path } = await call<{ path: string }>(page, 'dialogs.chooseFolder');
    expect(await call(page, 'workspace.move', { path })).toMatchObject({ path: folder, runs: 1 });
    expect(existsSync(use.desktop.path('.local', 'share', 'unrolled', 'workspace.db'))).toBe(false);
    expect(await call(page, 'runs.get', { id: run })).toMatchObject({ state: 'finished' });
  });

  test('a file is opened with a program that runs: by the system, and by a second start', async () => {
    await exportRun();
    program.openFile(bundle);
    await importDialog().waitFor();
    await page.keyboard.press('Escape');
    await importDialog().waitFor({ state: 'detached' });
    // Relative to where that one was started.
    expect(await use.desktop.start('run.unrolled').exit).toBe(0);
    await importDialog().waitFor();
  });

  test('a file starts the program', async () => {
    await exportRun();
    program.quit();
    await program.exit;
    const again = use.desktop.start(bundle);
    const window = await again.window();
    await importDialog(window.page).waitFor();
    await importDialog(window.page)
      .getByRole('button', { name: text('modelImport.save') })
      .click();
    await expect.poll(async () => (await call<{ runs: number }>(window.page, 'workspace.info')).runs).toBe(2);
  });
});
