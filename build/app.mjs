/**
 * Builds what the hosts serve and run, where sources changed since the last time; `--force` builds in any case,
 * `--player` the player alone.
 *
 *     dist/renderer    the face, bundled
 *     dist/player      the program of exported pages (renderer/player): one script and one style sheet
 *     dist/app         only with --electron: the program as Electron runs it and electron-builder packs it
 *
 * The program in dist/app is the same tree of modules as in the project, in JavaScript, so that every module finds what
 * lies beside it (worker threads, the core, the face) at the same place; the preload script alone is bundled, since a
 * sandbox loads one file. Of builders that run at the same time one builds, and the others wait for it.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runExclusively } from './exclusive.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** Electron's own parts of the program that are not modules of Node. */
const PRELOAD = 'electron/hosts/electron/preload';
const MAIN = 'electron/hosts/electron/main';

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
 * @param {(folder: string) => Promise<void>} make Fills an empty folder.
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
    await make(join(workshop, 'new'));
    await rm(stampPath, { force: true });
    await rename(target, join(workshop, 'old')).catch(() => undefined);
    await rename(join(workshop, 'new'), target);
    await writeFile(stampPath, sources);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  console.error(`${name}: built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** @param {string} folder */
async function makeRenderer(folder) {
  const { build } = await import('vite');
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: false },
  });
}

/** @param {string} folder */
async function makePlayer(folder) {
  const { build } = await import('vite');
  const { svelte } = await import('@sveltejs/vite-plugin-svelte');
  await build({
    configFile: false,
    root: join(root, 'renderer/player'),
    logLevel: 'error',
    plugins: [svelte({ configFile: join(root, 'svelte.config.js') })],
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
}

/** @param {string} folder */
async function makeApp(folder) {
  for (const [file, source] of await modulesFrom(`${MAIN}.ts`)) {
    const target = join(folder, file.replace(/\.ts$/u, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await toJavaScript(source, file));
  }
  await makePreload(folder);
  for (const file of await filesIn(['assembly/built', 'experiments'])) {
    if (/\.(wasm|json)$/u.test(file) && !file.endsWith('stamp.json')) await cp(join(root, file), join(folder, file));
  }
  for (const part of ['renderer', 'player']) {
    await cp(join(dist, part), join(folder, 'dist', part), { recursive: true });
  }
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name, version, type: 'module', main: `${MAIN}.js` }, null, 2) + '\n',
  );
}

/** What starts a thread or a process of another module. */
const ENTRY_URL = /(new URL\(\s*['"](\.[^'"]*))\.ts(?=['"])/gu;

/**
 * The modules that `entry` needs, itself among them, with their sources.
 * @param {string} entry Relative to the root, with forward slashes.
 * @returns {Promise<ReadonlyMap<string, string>>}
 */
async function modulesFrom(entry) {
  const { default: ts } = await import('typescript');
  /** @type {Map<string, string>} */
  const modules = new Map();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (modules.has(file)) continue;
    const source = await readFile(join(root, file), 'utf8');
    modules.set(file, source);
    const imports = ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
    const entries = [...source.matchAll(ENTRY_URL)].map((match) => `${match[2]}.ts`);
    const found = [...imports, ...entries].filter((name) => name.startsWith('.') && name.endsWith('.ts'));
    waiting.push(...found.map((name) => posix.join(posix.dirname(file), name)));
  }
  return modules;
}

/**
 * @param {string} source
 * @param {string} fileName
 */
async function toJavaScript(source, fileName) {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  return outputText.replace(ENTRY_URL, '$1.js');
}

/** @param {string} folder */
async function makePreload(folder) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: dirname(join(folder, PRELOAD)),
      emptyOutDir: false,
      minify: false,
      target: 'es2024',
      lib: { entry: join(root, `${PRELOAD}.ts`), formats: ['cjs'], fileName: () => 'preload.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  });
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
await mkdir(dist, { recursive: true });
await runExclusively(join(dist, '.building'), async () => {
  await refresh('player', [...player, 'build/app.mjs'], force, makePlayer);
  if (process.argv.includes('--player')) return;
  await refresh('renderer', [...face, 'build/app.mjs'], force, makeRenderer);
  if (process.argv.includes('--electron')) {
    const program = ['electron', 'assembly/built', 'experiments', 'package.json', 'build/app.mjs'];
    await refresh('app', [...face, ...program], force, makeApp);
  }
});
