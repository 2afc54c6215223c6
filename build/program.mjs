/**
 * The program as Electron runs it: the same tree of modules as in the project, in JavaScript, so that every module finds
 * what lies beside it (worker threads, the core, the face) at the same place. What it imports of packages is bundled, one
 * module a package; the preload script is one file, since a sandbox loads no other.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from './installed-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Electron's own parts of the program that are not modules of Node. */
const PRELOAD = 'electron/hosts/electron/preload';
export const MAIN = 'electron/hosts/electron/main';
/** The folder of the bundled packages. */
const PACKAGES = 'packages';
/** Where electron/datasets/packages.ts looks for the files of packages. */
const DATA = 'dist/data';

/** What starts a thread or a process of another module. */
const ENTRY_URL = /(new URL\(\s*['"](\.[^'"]*))\.ts(?=['"])/gu;

/**
 * The modules that `entry` needs, itself among them, with their sources.
 * @param {string} entry Relative to the root, with forward slashes.
 * @returns {Promise<ReadonlyMap<string, string>>}
 */
export async function modulesFrom(entry) {
  /** @type {Map<string, string>} */
  const modules = new Map();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (modules.has(file)) continue;
    const source = await readFile(join(root, file), 'utf8');
    modules.set(file, source);
    const imports = (await importsOf(source)).map(({ fileName }) => fileName);
    const entries = [...source.matchAll(ENTRY_URL)].map((match) => `${match[2]}.ts`);
    const found = [...imports, ...entries].filter((name) => name.startsWith('.') && name.endsWith('.ts'));
    waiting.push(...found.map((name) => posix.join(posix.dirname(file), name)));
  }
  return modules;
}

/**
 * What a module imports and exports from others, types among it; `pos` is that of the quotation mark.
 * @param {string} source
 */
async function importsOf(source) {
  const { default: ts } = await import('typescript');
  return ts.preProcessFile(source).importedFiles;
}

/** Stands before the name of a module of which types alone are imported. */
const TYPES_ONLY = /\b(?:import|export)\s+type\b[^'";]*$/u;

/**
 * What modules import of packages, types aside: "valibot", "csv-parse/sync".
 * @param {ReadonlyMap<string, string>} modules
 * @returns {Promise<ReadonlySet<string>>}
 */
export async function packagesImported(modules) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const source of modules.values()) {
    for (const { fileName, pos } of await importsOf(source)) {
      const foreign = !fileName.startsWith('.') && !isBuiltIn(fileName);
      if (foreign && !TYPES_ONLY.test(source.slice(0, pos))) names.add(fileName);
    }
  }
  return names;
}

/** @param {string} name */
function isBuiltIn(name) {
  return name === 'electron' || name.startsWith('node:') || builtinModules.includes(name);
}

/**
 * The name of the package that an import is of: "csv-parse" of "csv-parse/sync".
 * @param {string} specifier
 */
export function packageName(specifier) {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/**
 * Writes the program's modules, its preload script and the packages that it imports.
 * @param {string} folder
 */
export async function writeProgram(folder) {
  const modules = await modulesFrom(`${MAIN}.ts`);
  const packages = await packagesImported(modules);
  for (const [file, source] of modules) {
    const target = join(folder, file.replace(/\.ts$/u, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await withBundledPackages(await toJavaScript(source, file), file, packages));
  }
  await bundlePackages(folder, packages);
  await bundlePreload(folder);
}

/**
 * Lets the imports of packages lead to the bundled ones.
 * @param {string} code JavaScript.
 * @param {string} file Its path from the root.
 * @param {ReadonlySet<string>} packages
 */
async function withBundledPackages(code, file, packages) {
  const imports = (await importsOf(code)).filter(({ fileName }) => packages.has(fileName));
  // From the last to the first: what comes before keeps its place.
  return imports
    .sort((a, b) => b.pos - a.pos)
    .reduce((text, { fileName, pos }) => {
      const path = posix.relative(posix.dirname(file), bundledPath(fileName));
      return text.slice(0, pos + 1) + path + text.slice(pos + 1 + fileName.length);
    }, code);
}

/** @param {string} specifier */
function bundledPath(specifier) {
  return `${PACKAGES}/${specifier.replaceAll('/', '-')}.js`;
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

/** Before the name of a package: the module that exports what Node exports of it. */
const FACADE = 'facade:';

/**
 * One module for each package, with the exports that Node finds in it. A bundle of a CommonJS package would have its
 * default export alone.
 * @param {string} folder
 * @param {ReadonlySet<string>} packages
 */
async function bundlePackages(folder, packages) {
  const { build } = await import('vite');
  const facades = new Map(
    await Promise.all(
      [...packages].map(async (name) => {
        /** @type {Record<string, unknown>} */
        const exported = await import(name);
        const names = Object.keys(exported);
        const valid = names.filter((one) => /^[\w$]+$/u.test(one) && one !== '__esModule');
        return /** @type {const} */ ([name, `export { ${valid.join(', ')} } from ${JSON.stringify(name)};\n`]);
      }),
    ),
  );
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    plugins: [
      {
        name: 'package-facades',
        resolveId: (id) => (id.startsWith(FACADE) ? id : null),
        load: (id) => (id.startsWith(FACADE) ? facades.get(id.slice(FACADE.length)) : null),
      },
    ],
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'es2024',
      rolldownOptions: {
        input: Object.fromEntries(
          [...packages].map((name) => [bundledPath(name).replace(/\.js$/u, ''), FACADE + name]),
        ),
        preserveEntrySignatures: 'strict',
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: `${PACKAGES}/[name]-[hash].js` },
      },
    },
  });
}

/** @param {string} folder */
async function bundlePreload(folder) {
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

/**
 * Copies the files that the bundled datasets are read from. Which these are shows as they are read.
 * @param {string} folder
 */
export async function copyData(folder) {
  const { bundledDatasets, loadBundledDataset } = await import('../electron/datasets/bundled.ts');
  for (const id of bundledDatasets) {
    await loadBundledDataset(id, async (name, path) => {
      const source = join(packageFolder(name, import.meta.filename), path);
      const target = join(folder, DATA, name, path);
      await mkdir(dirname(target), { recursive: true });
      await cp(source, target);
      return readFile(source, 'utf8');
    });
  }
}
