/** The packed program with one of its modules broken: what a person is told, and what goes on. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { packedApp } from '../../packed-app.ts';
import type { Desktop } from './desktop.ts';
import { ENDLESS, reach, runOf, startRun } from './lab.ts';
import { useDesktop } from './use-desktop.ts';

describe.skipIf(inject('browser') === null)('the packed program', () => {
  const use = useDesktop();

  /** A copy of the program with one module changed. */
  async function changed(module: string, change: (source: string) => string): Promise<string> {
    const { unpacked } = await packedApp();
    const app = use.desktop.path('changed');
    await cp(unpacked, app, { recursive: true });
    const path = join(app, module);
    const source = await readFile(path, 'utf8');
    const result = change(source);
    expect(result).not.toBe(source);
    await writeFile(path, result);
    return app;
  }

  async function withDesktop(app: string, work: (desktop: Desktop) => Promise<void>): Promise<void> {
    const desktop = await use.open({ app });
    try {
      await work(desktop);
    } finally {
      await desktop.close();
    }
  }

  /** The file that a box names at its end. */
  const logIn = (content: string): string => /\S+\.log$/u.exec(content)?.[0] ?? '';

  test('says in a box what failed at the start and where the log is, which has it', async () => {
    const app = await changed('electron/services.js', () => {
      return "export function createServices() {}\nthrow new Error('a module is broken');";
    });
    await withDesktop(app, async (desktop) => {
      const program = desktop.start();
      expect(await program.exit).toBe(1);
      expect(program.errorBoxes).toHaveLength(1);
      const [[title, content] = ['', '']] = program.errorBoxes;
      expect(title).toBe('Unrolled could not start');
      expect(content).toContain('a module is broken');
      expect(existsSync(logIn(content))).toBe(true);
      expect(await readFile(logIn(content), 'utf8')).toContain('Error: a module is broken');
    });
  });

  test('says in a box what failed later, pauses the runs and ends', async () => {
    const app = await changed('electron/hosts/electron/application.js', (source) => {
      return `${source}\nprocess.once('SIGUSR2', () => { throw new Error('a listener is broken'); });\n`;
    });
    await withDesktop(app, async (desktop) => {
      const program = desktop.start();
      const { page } = await program.window();
      const { id } = await startRun(page, 'A run', ENDLESS);
      const { progress } = await reach(page, id, 'training', 1);
      program.signal('SIGUSR2');
      expect(await program.exit).toBe(1);
      const [[, content] = ['', '']] = program.errorBoxes;
      expect(content).toContain('a listener is broken');
      expect(await readFile(logIn(content), 'utf8')).toContain('Error: a listener is broken');
      const again = desktop.start();
      const run = await runOf((await again.window()).page, id);
      expect(run.state).toBe('paused');
      expect(run.progress.update).toBeGreaterThanOrEqual(progress.update);
    });
  });

  test('works without shared memory where its page is not isolated, and logs it', async () => {
    const app = await changed('electron/hosts/headers.js', (source) => {
      return source.replace("'Cross-Origin-Embedder-Policy': 'require-corp'", "'X-Nothing': '1'");
    });
    await withDesktop(app, async (desktop) => {
      const program = desktop.start();
      const { page } = await program.window();
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
      await program.until(() => program.told[0], 'a word to the launcher');
      const { id } = await startRun(page, 'A run', 40);
      await reach(page, id, 'finished');
      expect(program.errorBoxes).toEqual([]);
      expect(await desktop.logText()).toContain('not isolated');
    });
  });
});
