import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectronApp } from '../electron-app.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-electron-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '');
  return file;
}

describe('the app of the tests in Electron', () => {
  test.each([
    ['linux', 'x64', ['linux-unpacked', 'unrolled']],
    ['linux', 'arm64', ['linux-arm64-unpacked', 'unrolled']],
    ['win32', 'x64', ['win-unpacked', 'Unrolled.exe']],
    ['darwin', 'arm64', ['mac-arm64', 'Unrolled.app', 'Contents', 'MacOS', 'Unrolled']],
    ['darwin', 'x64', ['mac', 'Unrolled.app', 'Contents', 'MacOS', 'Unrolled']],
  ] as const)('is the packed one where the environment names it, on %s %s', async (platform, architecture, path) => {
    const executable = await put('packed', ...path);
    const environment = { UNROLLED_PACKED_APP: join(folder, 'packed') };
    expect(findElectronApp({ platform, environment }, architecture)).toEqual({ executable, args: [], packed: true });
  });

  test('is the project’s own where a runtime is installed', async () => {
    await put('electron', 'path.txt');
    await writeFile(join(folder, 'electron', 'path.txt'), 'electron');
    await put('electron', 'dist', 'electron');
    await writeFile(join(folder, 'electron', 'dist', 'version'), '45.0.0');
    await writeFile(join(folder, 'electron', 'package.json'), '{"version": "45.0.0"}');
    const desktop = { platform: 'linux', environment: { DISPLAY: ':0' } } as const;
    expect(findElectronApp(desktop, 'x64', join(folder, 'electron'))).toEqual({
      executable: join(folder, 'electron', 'dist', 'electron'),
      args: [resolve('dist/app')],
      packed: false,
    });
  });

  test('may be missing, unless the environment requires it', () => {
    const desktop = { platform: 'linux', environment: { DISPLAY: ':0' } } as const;
    const nowhere = join(folder, 'nowhere');
    expect(findElectronApp(desktop, 'x64', nowhere)).toHaveProperty('reason');
    const required = { ...desktop.environment, UNROLLED_REQUIRE_ELECTRON: '1' };
    expect(() => findElectronApp({ ...desktop, environment: required }, 'x64', nowhere)).toThrow(
      /have to run, and cannot: Electron's runtime is not installed/u,
    );
    const packed = { ...required, UNROLLED_PACKED_APP: nowhere };
    expect(() => findElectronApp({ ...desktop, environment: packed }, 'x64')).toThrow(
      /no packed app at .*linux-unpacked/u,
    );
  });
});
