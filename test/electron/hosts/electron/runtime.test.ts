/** Electron's runtime is looked for in folders that stand for the package in each of its conditions. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Desktop } from '../../../../electron/hosts/browser/open-browser.ts';
import { electronPackage, findRuntime } from '../../../../electron/hosts/electron/runtime.ts';

const linux: Desktop = { platform: 'linux', environment: { DISPLAY: ':0' } };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-runtime-'));
  await put('package.json', '{"name": "electron", "version": "45.4.1"}');
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

test.each([
  ['linux', 'electron'],
  ['win32', 'electron.exe'],
  ['darwin', 'Electron.app/Contents/MacOS/Electron'],
] as const)('is found on %s', async (platform, name) => {
  await put('path.txt', name);
  await put('dist/version', 'v45.4.1\n');
  await put(`dist/${name}`, '');
  expect(findRuntime({ ...linux, platform }, folder)).toEqual({ executable: join(folder, 'dist', name) });
});

test('is not there before it was fetched', () => {
  expect(findRuntime(linux, folder)).toEqual({
    reason: "Electron's runtime is not installed (npx install-electron --no fetches it)",
  });
});

test('is not there where its package is not', () => {
  expect(findRuntime(linux, undefined)).toEqual({ reason: 'the package electron is not installed' });
});

test('of another version does not serve', async () => {
  await put('path.txt', 'electron');
  await put('dist/version', '44.0.0');
  await put('dist/electron', '');
  expect(findRuntime(linux, folder)).toEqual({
    reason: "Electron's runtime is version 44.0.0, not 45.4.1 (npx install-electron --no fetches it)",
  });
});

test('is not used without a display', async () => {
  await put('dist/version', '45.4.1');
  await put('dist/electron', '');
  expect(findRuntime({ platform: 'linux', environment: {} }, folder)).toEqual({
    reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)',
  });
});

test('is taken from ELECTRON_OVERRIDE_DIST_PATH where that is set, of whatever version', async () => {
  await put('elsewhere/electron', '');
  const elsewhere = join(folder, 'elsewhere');
  const environment = { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: elsewhere };
  expect(findRuntime({ platform: 'linux', environment }, folder)).toEqual({ executable: join(elsewhere, 'electron') });
  expect(findRuntime({ platform: 'win32', environment }, folder)).toEqual({
    reason: `ELECTRON_OVERRIDE_DIST_PATH leads to ${elsewhere}, which holds no electron.exe`,
  });
});

test('is looked for in the package of this project', async () => {
  const manifest = await readFile(join(electronPackage() ?? '', 'package.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ name: 'electron' });
});
