/** Runs in the packed program: each trains in a utility process, which lives until it exits by itself. */
import { describe, expect, inject, test } from 'vitest';
import { call, ENDLESS, reach, runOf, startRun, text } from './lab.ts';
import { useDesktop } from './use-desktop.ts';

describe.skipIf(inject('browser') === null)('a run in the packed program', () => {
  const use = useDesktop();

  test('trains, pauses, does one update, goes on and stops', async () => {
    const program = use.desktop.start();
    const { page } = await program.window();
    const { id } = await startRun(page, 'A run', ENDLESS);
    await page.evaluate((run) => (location.hash = `#/train?run=${run}`), id);
    await reach(page, id, 'training', 1);
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button(text('run.pause')).click();
    const paused = await reach(page, id, 'paused');
    await button(text('run.step')).click();
    await expect.poll(async () => (await runOf(page, id)).progress.update).toBe(paused.progress.update + 1);
    await button(text('run.resume')).click();
    await reach(page, id, 'training', paused.progress.update + 2);
    await button(text('run.stop')).click();
    await reach(page, id, 'stopped');
    program.quit();
    expect(await program.exit).toBe(0);
  });

  test('waits for the one before it, and both come to their end; the computer stays awake as long', async () => {
    const program = use.desktop.start();
    const { page } = await program.window();
    await call(page, 'settings.set', { parallelRuns: 1 });
    const first = await startRun(page, 'First', 40);
    const second = await startRun(page, 'Second', 40);
    expect((await runOf(page, second.id)).state).toBe('queued');
    await reach(page, first.id, 'finished');
    await reach(page, second.id, 'finished');
    await program.until(() => program.notes.find((what) => what === 'power released'), 'a release');
    const power = program.notes.filter((what) => what.startsWith('power'));
    expect(power[0]).toBe('power blocked: prevent-app-suspension');
    expect(power.at(-1)).toBe('power released');
  });

  test('is paused when the window is closed, which says so, and continues at the next start', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    const { id } = await startRun(window.page, 'A run', ENDLESS);
    await reach(window.page, id, 'training', 21);
    const notice = window.page.getByText(text('closing.title')).waitFor();
    window.close();
    await notice;
    expect(await program.exit).toBe(0);

    const again = use.desktop.start();
    const { page } = await again.window();
    const { state, progress } = await runOf(page, id);
    expect(state).toBe('paused');
    expect(progress.update).toBeGreaterThan(20);
    await call(page, 'runs.resume', { id });
    await reach(page, id, 'training', progress.update + 1);
  });

  test('a start while the first one ends follows it, and finds the run', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    const { id } = await startRun(window.page, 'A run', ENDLESS);
    await reach(window.page, id, 'training', 1);
    const notice = window.page.getByText(text('closing.title')).waitFor();
    window.close();
    await notice;
    const second = use.desktop.start();
    expect(await program.exit).toBe(0);
    // Either the first one took notice and is started again, or it had ended and the second one is the first now.
    const heir = await use.desktop.runs(second);
    const { page } = await heir.window();
    expect((await runOf(page, id)).state).toBe('paused');
    expect([...program.errorBoxes, ...second.errorBoxes, ...heir.errorBoxes]).toEqual([]);
  });

  test('whose process is killed fails alone, and goes on from its last checkpoint', async () => {
    const program = use.desktop.start();
    const { page } = await program.window();
    const { id } = await startRun(page, 'A run', ENDLESS);
    await reach(page, id, 'training', 41);
    const utility = program.notes.findLast((what) => what.startsWith('utility process '));
    process.kill(Number(utility?.split(' ').at(-1)), 'SIGKILL');
    const { failure } = await reach(page, id, 'failed');
    expect(failure?.message).toContain('ended unexpectedly');
    await call(page, 'runs.resume', { id });
    await reach(page, id, 'training', 42);
    expect(await use.desktop.logText()).toContain('a training process has ended');
  });

  test('goes on training while the page crashes', async () => {
    const program = use.desktop.start();
    const window = await program.window();
    const { id } = await startRun(window.page, 'A run', ENDLESS);
    const { progress } = await reach(window.page, id, 'training', 1);
    await window.crash();
    await window.untilLoaded();
    await reach(window.page, id, 'training', progress.update + 1);
  });
});
