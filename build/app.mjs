/**
 * Builds what the hosts serve and run, where sources changed since the last time; `--force` builds in any case,
 * `--player` the player alone.
 *
 *     dist/renderer    the face, bundled
 *     dist/player      the program of exported pages (renderer/player): one script and one style sheet, and its licenses
 *     dist/licenses    licenses of everything that others made (build/licenses.mjs)
 *     dist/app         only with --electron: the app as Electron runs it and electron-builder packs it
 *
 * Beside each folder, NAME.stamp says what it was built from, and NAME.packages.json which packages are in its bundles. Of
 * builders that run at the same time one builds, and the others wait for it.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runExclusively } from './exclusive.mjs';
import { collectPackages } from './installed-packages.mjs';
import { noticesText, pageNotices, programNotices, writeNotices } from './licenses.mjs';
import { copyData, MAIN, writeProgram } from './program.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/**
 * Files below some folders and files of the project, with forward slashes, sorted.
 * @param {readonly string[]} places Relative to the root.
 * @returns {Promise<string[]>}
 */
async function filesIn(places) {
  const lists = await Promise.all(
    places.map(async (place) => {
      const entries = await readdir(join(root, place), { recursive: true, withFileTypes: true }).catch(() => undefined);
      if (entries === undefined) return [place];
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(root.length + 1)
            .replaceAll('\\', '/'),
        );
    }),
  );
  return lists.flat().sort();
}

/**
 * One hash over files with their names.
 * @param {readonly string[]} places Relative to the root.
 * @returns {Promise<string>}
 */
async function digest(places) {
  const hash = createHash('sha256');
  for (const file of await filesIn(places)) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * Makes dist/NAME anew where it is not made of these sources. The old one goes when the new one is whole.
 * @param {string} name
 * @param {readonly string[]} places What it is made of, relative to the root.
 * @param {boolean} force
 * @param {(folder: string, packages: Set<string>) => Promise<void>} make Fills an empty folder, and collects the folders of
 *   the packages that are in its bundles.
 */
async function refresh(name, places, force, make) {
  const start = performance.now();
  const target = join(dist, name);
  const stampPath = join(dist, `${name}.stamp`);
  const sources = await digest(places);
  const stamp = await readFile(stampPath, 'utf8').catch(() => undefined);
  if (!force && stamp === sources) return;

  const workshop = await mkdtemp(join(dist, `.${name}-`));
  try {
    /** @type {Set<string>} */
    const packages = new Set();
    await make(join(workshop, 'new'), packages);
    await rm(stampPath, { force: true });
    await rename(target, join(workshop, 'old')).catch(() => undefined);
    await rename(join(workshop, 'new'), target);
    await writeFile(packagesPath(name), JSON.stringify([...packages].map((folder) => relative(root, folder)).sort()));
    await writeFile(stampPath, sources);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  console.error(`${name}: built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** @param {string} name */
function packagesPath(name) {
  return join(dist, `${name}.packages.json`);
}

/**
 * The folders of the packages in the bundles of dist/NAME.
 * @param {string} name
 * @returns {Promise<string[]>}
 */
async function packagesIn(name) {
  const folders = /** @type {string[]} */ (JSON.parse(await readFile(packagesPath(name), 'utf8')));
  return folders.map((folder) => join(root, folder));
}

/**
 * @param {string} folder
 * @param {Set<string>} packages
 */
async function makeRenderer(folder, packages) {
  const { build } = await import('vite');
  const plugins = () => [collectPackages(packages, join(root, 'renderer'))];
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    plugins: plugins(),
    worker: { plugins },
    build: { outDir: folder, emptyOutDir: false },
  });
}

/**
 * @param {string} folder
 * @param {Set<string>} packages
 */
async function makePlayer(folder, packages) {
  const { build } = await import('vite');
  const { svelte } = await import('@sveltejs/vite-plugin-svelte');
  await build({
    configFile: false,
    root: join(root, 'renderer/player'),
    logLevel: 'error',
    plugins: [
      svelte({ configFile: join(root, 'svelte.config.js') }),
      collectPackages(packages, join(root, 'renderer/player')),
    ],
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2024',
      lib: {
        entry: join(root, 'renderer/player/main.ts'),
        formats: ['iife'],
        name: 'unrolledPlayer',
        fileName: () => 'player.js',
        cssFileName: 'player',
      },
    },
  });
  await writeFile(join(folder, 'licenses.txt'), noticesText(await pageNotices(root, packages)));
}

/** @param {string} folder */
async function makeLicenses(folder) {
  const bundled = await Promise.all(['renderer', 'player'].map(packagesIn));
  await writeNotices(await programNotices(root, bundled.flat()), folder);
}

/** What package.json says of the app itself. */
const IDENTITY = ['name', 'productName', 'version', 'description', 'license', 'author', 'homepage', 'desktopName'];

/** @param {string} folder */
async function makeApp(folder) {
  await writeProgram(folder);
  await copyData(folder);
  for (const file of await filesIn(['assembly/built', 'experiments'])) {
    if (/\.(wasm|json)$/u.test(file) && !file.endsWith('stamp.json')) await cp(join(root, file), join(folder, file));
  }
  for (const part of ['renderer', 'player', 'licenses']) {
    await cp(join(dist, part), join(folder, 'dist', part), { recursive: true });
  }
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const manifest = /** @type {Record<string, unknown>} */ (
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  );
  const identity = Object.fromEntries(IDENTITY.map((name) => [name, manifest[name]]));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ ...identity, type: 'module', main: `${MAIN}.js` }, null, 2) + '\n',
  );
}

const force = process.argv.includes('--force');
const face = [
  'renderer',
  'docs/glossary.md',
  'electron/api',
  'engine',
  'vite.config.ts',
  'svelte.config.js',
  'package-lock.json',
];
const player = [
  ...['renderer/player', 'renderer/messages', 'renderer/theme', 'renderer/drawing', 'renderer/views/attention'],
  ...['renderer/format.ts', 'engine', 'svelte.config.js', 'package-lock.json'],
];
const builder = ['app', 'installed-packages', 'licenses', 'program'].map((name) => `build/${name}.mjs`);
const program = ['electron', 'engine', 'package.json', 'package-lock.json', 'LICENSE'];

await mkdir(dist, { recursive: true });
await runExclusively(join(dist, '.building'), async () => {
  await refresh('player', [...player, ...builder], force, makePlayer);
  if (process.argv.includes('--player')) return;
  await refresh('renderer', [...face, ...builder], force, makeRenderer);
  await refresh('licenses', [...face, ...player, ...program, ...builder], force, makeLicenses);
  if (process.argv.includes('--electron')) {
    const parts = ['assembly/built', 'experiments'];
    await refresh('app', [...face, ...player, ...program, ...parts, ...builder], force, makeApp);
  }
});
