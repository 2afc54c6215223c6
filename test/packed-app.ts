/**
 * The app as electron-builder packs it for Linux by build/electron-builder.yml, and the contents of its app.asar as files.
 * In place of Electron's runtime stands a file with only what the packing looks for: the marker and the bytes of the fuses.
 *
 * It is packed once for each state of the sources, and kept in node_modules/.cache/packed-app for all test files.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { runExclusively } from '../build/exclusive.mjs';

export interface PackedApp {
  /** What an installer would install: the executable and `resources/`. */
  readonly root: string;
  /** Path of app.asar. */
  readonly asar: string;
  /** Folder with the files of app.asar. */
  readonly unpacked: string;
}

/** What precedes the fuses in the runtime: https://www.electronjs.org/docs/latest/tutorial/fuses. */
export const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
export const FUSE_COUNT = 9;

const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules/.cache/packed-app');
/** Beside dist/app.stamp, the digest of the sources of the app, these determine the result. */
const SETTINGS = ['build/electron-builder.yml', 'package.json', 'test/packed-app.ts'];

const require = createRequire(import.meta.url);

export async function packedApp(): Promise<PackedApp> {
  await runNode(['build/app.mjs', '--electron']);
  const folder = join(CACHE, await sourcesDigest());
  const packed = {
    root: join(folder, 'out', 'linux-unpacked'),
    asar: join(folder, 'out', 'linux-unpacked', 'resources', 'app.asar'),
    unpacked: join(folder, 'unpacked'),
  };
  await mkdir(CACHE, { recursive: true });
  await runExclusively(join(CACHE, '.packing'), async () => {
    if (await exists(folder)) return;
    const workshop = await mkdtemp(join(CACHE, '.new-'));
    try {
      await pack(workshop);
      await removeOthers(workshop);
      await rename(workshop, folder);
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  });
  return packed;
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['dist/app.stamp', ...SETTINGS]) hash.update(await readFile(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}

async function exists(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}

/** Keeps the latest of the others: test files that were started before the sources changed may still read it. */
async function removeOthers(except: string): Promise<void> {
  const folders = (await readdir(CACHE, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const others = folders.map(({ name }) => join(CACHE, name)).filter((path) => path !== except);
  const dated = await Promise.all(others.map(async (path) => ({ path, made: (await stat(path)).mtimeMs })));
  const old = dated.sort((a, b) => b.made - a.made).slice(1);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}

async function pack(folder: string): Promise<void> {
  await putRuntime(join(folder, 'runtime'));
  await runNode([
    join(dirname(require.resolve('electron-builder/package.json')), 'cli.js'),
    ...['--config', 'build/electron-builder.yml', '--linux', 'dir', '--x64'],
    `--config.electronDist=${join(folder, 'runtime')}`,
    `--config.directories.output=${join(folder, 'out')}`,
  ]);
  const archive = await readFile(join(folder, 'out', 'linux-unpacked', 'resources', 'app.asar'));
  for (const [path, bytes] of asarFiles(archive)) {
    const target = join(folder, 'unpacked', path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}

async function putRuntime(path: string): Promise<void> {
  const { version } = require('electron/package.json') as { version: string };
  await mkdir(join(path, 'resources'), { recursive: true });
  const runtime = Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.of(1, FUSE_COUNT), Buffer.alloc(FUSE_COUNT, '0')]);
  await writeFile(join(path, 'electron'), runtime);
  await chmod(join(path, 'electron'), 0o755);
  await writeFile(join(path, 'version'), version);
  await writeFile(join(path, 'LICENSE'), '');
  await writeFile(join(path, 'LICENSES.chromium.html'), '');
}

/** Fails with what the program wrote. */
async function runNode(args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`node ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

interface AsarEntry {
  readonly files?: Readonly<Record<string, AsarEntry>>;
  /** Decimal, from the end of the header. */
  readonly offset?: string;
  readonly size?: number;
}

/**
 * The files of an asar by path. It begins with four lengths, of which the second tells where the header ends and the
 * fourth how long its JSON is.
 */
function asarFiles(archive: Buffer): ReadonlyMap<string, Buffer> {
  const header = JSON.parse(archive.toString('utf8', 16, 16 + archive.readUInt32LE(12))) as AsarEntry;
  const data = 8 + archive.readUInt32LE(4);
  const files = new Map<string, Buffer>();
  const visit = (entry: AsarEntry, path: string): void => {
    for (const [name, inner] of Object.entries(entry.files ?? {})) {
      const inside = path === '' ? name : `${path}/${name}`;
      if (inner.files === undefined) {
        const begin = data + Number(inner.offset);
        files.set(inside, archive.subarray(begin, begin + (inner.size ?? 0)));
      } else {
        visit(inner, inside);
      }
    }
  };
  visit(header, '');
  return files;
}
