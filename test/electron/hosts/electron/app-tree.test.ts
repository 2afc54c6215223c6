/** The program as build/app.mjs makes it for Electron: whole, and loadable without TypeScript. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { BRIDGE_NAME } from '../../../../electron/api/client-bridge.ts';

const APP = resolve('dist/app');
let modules: { path: string; source: string }[];

beforeAll(async () => {
  expect(spawnSync(process.execPath, ['build/app.mjs', '--electron'], { stdio: 'inherit' }).status).toBe(0);
  const files = await readdir(APP, { recursive: true });
  const paths = files.filter((file) => /^(electron|engine)\b.*\.js$/u.test(file)).map((file) => join(APP, file));
  modules = await Promise.all(paths.map(async (path) => ({ path, source: await readFile(path, 'utf8') })));
});

test('the app tree holds its entries', () => {
  const entries = [
    'electron/hosts/electron/main.js',
    'electron/hosts/electron/application.js',
    'electron/runs/training-process.js',
    'electron/core/model-thread.js',
  ];
  for (const entry of entries) {
    expect(modules.map(({ path }) => path)).toContain(join(APP, entry));
  }
});

test('every module finds those that it names', () => {
  let named = 0;
  for (const { path, source } of modules) {
    for (const [, name = ''] of source.matchAll(/(?:from|import|import\(|new URL\()\s*['"](\.[^'"]*\.\w+)['"]/gu)) {
      named++;
      expect([path, name, existsSync(resolve(dirname(path), name))]).toEqual([path, name, true]);
    }
  }
  expect(named).toBeGreaterThan(modules.length);
});

test('every module is JavaScript that Node loads without stripping types', () => {
  const script = "await import('./electron/services.js'); await import('./electron/transport/ipc-main.js');";
  const loaded = spawnSync(process.execPath, ['--no-strip-types', '--input-type=module', '--eval', script], {
    cwd: APP,
  });
  expect(loaded.stderr.toString()).toBe('');
  expect(loaded.status).toBe(0);
});

test('holds the page, the core and the kept experiments where they are looked for', async () => {
  const { version, main } = JSON.parse(await readFile(join(APP, 'package.json'), 'utf8')) as Record<string, string>;
  expect(version).toBe((JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version);
  for (const file of [
    'dist/renderer/index.html',
    'assembly/built/relaxed.wasm',
    'experiments/moby-dick.json',
    main ?? '',
  ]) {
    expect([file, existsSync(join(APP, file))]).toEqual([file, true]);
  }
});

test('its preload script is one file, which needs nothing but Electron and makes one global', async () => {
  const source = await readFile(join(APP, 'electron/hosts/electron/preload.cjs'), 'utf8');
  const required: string[] = [];
  const exposed: string[] = [];
  const require = (name: string): unknown => {
    required.push(name);
    return {
      contextBridge: { exposeInMainWorld: (key: string) => exposed.push(key) },
      ipcRenderer: { on: () => undefined },
    };
  };
  runInNewContext(source, { require, module: { exports: {} }, exports: {} });
  expect(required).toEqual(['electron']);
  expect(exposed).toEqual([BRIDGE_NAME]);
});
