/**
 * Builds the core: every target of asconfig.json, from assembly/ into assembly/built/, where the sources, the settings
 * or the compiler changed since the last time. `--force` builds in any case. A warning of the compiler is a failure.
 *
 * Beside the built files lies stamp.json: what they were built from and what they are, as hashes. Builders that run at
 * the same time each work in a folder of their own and move finished files into place; a mixture that two of them
 * leave does not agree with its stamp and is built again.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The compiler's entry, declared here: its own declarations bring AssemblyScript's globals with them.
 * @typedef {(options: string[]) => Promise<{ error: Error | null, stderr: { toString(): string } }>} CompilerMain
 */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const builtFolder = join(root, 'assembly', 'built');
const stampPath = join(builtFolder, 'stamp.json');
const require = createRequire(import.meta.url);
const compilerManifest = require.resolve('assemblyscript/package.json');
const compilerModule = import.meta.resolve('assemblyscript/asc');

/**
 * @param {string | Uint8Array} content
 * @returns {string}
 */
function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * One hash over the compiler's version, the settings and every source with its name.
 * @returns {Promise<string>}
 */
async function digestSources() {
  const names = (await readdir(join(root, 'assembly'), { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !name.startsWith('built/'))
    .sort();
  const parts = [compilerManifest, join(root, 'asconfig.json'), ...names.map((name) => join(root, 'assembly', name))];
  const digests = await Promise.all(parts.map(async (part) => digest(await readFile(part))));
  return digest(JSON.stringify([names, digests]));
}

/**
 * The targets of asconfig.json and their files, relative to the project's root.
 * @returns {Promise<Map<string, string>>}
 */
async function readTargets() {
  const settings = /** @type {{ targets: Record<string, { outFile: string }> }} */ (
    JSON.parse(await readFile(join(root, 'asconfig.json'), 'utf8'))
  );
  return new Map(Object.entries(settings.targets).map(([target, { outFile }]) => [target, outFile]));
}

/**
 * @param {string} path
 * @returns {Promise<string | undefined>} The file's hash, or undefined where there is no such file.
 */
async function digestFile(path) {
  try {
    return digest(await readFile(path));
  } catch {
    return undefined;
  }
}

/**
 * @param {Map<string, string>} targets
 * @param {string} sources
 * @returns {Promise<string>} What stamp.json holds when the files in place were all built from `sources`.
 */
async function stampOf(targets, sources) {
  const files = await Promise.all(
    [...targets.values()].map(async (file) => [file, await digestFile(join(root, file))]),
  );
  return JSON.stringify({ sources, files }, null, 2) + '\n';
}

/**
 * @param {string} target
 * @param {string} outFile Relative to the project's root.
 * @returns {Promise<void>} Fails with the compiler's own words.
 */
async function compile(target, outFile) {
  const { main } = /** @type {{ main: CompilerMain }} */ (await import(compilerModule));
  const { error, stderr } = await main(['--noColors', '--baseDir', root, '--target', target, '--outFile', outFile]);
  const words = stderr.toString().trim();
  if (error || /^(WARNING|PEDANTIC)\b/m.test(words)) {
    throw new Error(`assembly/ does not build for the target ${target}:\n${words || error?.message}`);
  }
}

/**
 * Builds what is out of date.
 * @param {boolean} force Everything, out of date or not.
 * @returns {Promise<string | undefined>} One line on what was built, or undefined where nothing was.
 */
async function buildCore(force) {
  const start = performance.now();
  const targets = await readTargets();
  const sources = await digestSources();
  const stamp = await readFile(stampPath, 'utf8').catch(() => undefined);
  if (!force && stamp === (await stampOf(targets, sources))) return undefined;

  await mkdir(builtFolder, { recursive: true });
  const workshop = await mkdtemp(join(builtFolder, '.build-'));
  try {
    // One after the other: a compiler that has run once is warm, and faster than two cold ones side by side.
    for (const [target, file] of targets) await compile(target, relative(root, join(workshop, basename(file))));
    for (const file of targets.values()) await rename(join(workshop, basename(file)), join(root, file));
    await writeFile(join(workshop, 'stamp.json'), await stampOf(targets, sources));
    await rename(join(workshop, 'stamp.json'), stampPath);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return `core: built ${[...targets.keys()].join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`;
}

try {
  const line = await buildCore(process.argv.includes('--force'));
  if (line !== undefined) console.error(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
