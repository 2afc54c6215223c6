/** Which installed packages end up in a bundle, and what their manifests and licenses say. */
import { readFile, readdir } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A module's file in a package: the package's folder, and its name. */
const IN_PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/u;

/**
 * A plugin of Vite's that collects the folders of the packages that a bundle contains code, styles or files of.
 * @param {Set<string>} folders
 * @param {string} root Of the build: names of files that the bundler copies are relative to it.
 * @returns {import('vite').Plugin}
 */
export function collectPackages(folders, root) {
  /** @param {string} id */
  const collect = (id) => {
    const folder = IN_PACKAGE.exec(id.replace(/^\0/u, '').replace(/\?.*$/u, ''))?.[1];
    if (folder !== undefined) folders.add(folder);
  };
  return {
    name: 'unrolled:collect-packages',
    // Styles leave no module behind in the bundle.
    transform(_code, id) {
      if (/\.css(\?|$)/u.test(id)) collect(id);
    },
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') {
          for (const id of output.moduleIds) collect(id);
        } else {
          for (const name of output.originalFileNames) collect(resolve(root, name));
        }
      }
    },
  };
}

/** @typedef {{ name: string, version: string, license: string, text: string }} PackageNotice */

/** Names of the files of a package that have to go with every copy of it. */
const LEGAL_FILE = /^(?:licen[cs]e|copying|notice|ofl)(?:[.-].*)?$/iu;

/**
 * Fails where a package has no license file: its text has to be in every copy.
 * @param {string} folder
 * @returns {Promise<PackageNotice>}
 */
export async function readNotice(folder) {
  const { name, version, license } = await readManifest(folder);
  const text = await legalText(folder);
  if (text === '') throw new Error(`The package ${name} has no file with its license.`);
  // A manifest without a license: MIT's text names itself.
  const named = license ?? (/\bMIT License\b/iu.test(text) ? 'MIT' : undefined);
  if (named === undefined) throw new Error(`The package ${name} does not name its license.`);
  return { name, version, license: named, text };
}

/**
 * The texts of a package's license files; empty where it has none.
 * @param {string} folder
 */
export async function legalText(folder) {
  const files = (await readdir(folder)).filter((file) => LEGAL_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}

/**
 * The folder of an installed package.
 * @param {string} name
 * @param {string} from A file from which it is imported.
 */
export function packageFolder(name, from) {
  const manifest = findPackageJSON(name, pathToFileURL(from).href);
  if (manifest === undefined) throw new Error(`The package ${name} is not installed.`);
  return dirname(manifest);
}

/**
 * The folders of packages and of what they depend on.
 * @param {Iterable<string>} names
 * @param {string} from A file from which they are imported.
 * @returns {Promise<Set<string>>}
 */
export async function withDependencies(names, from) {
  /** @type {Set<string>} */
  const folders = new Set();
  const waiting = [...names].map((name) => packageFolder(name, from));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (folders.has(folder)) continue;
    folders.add(folder);
    const { dependencies } = await readManifest(folder);
    const manifest = join(folder, 'package.json');
    waiting.push(...dependencies.map((dependency) => packageFolder(dependency, manifest)));
  }
  return folders;
}

/**
 * @param {string} folder
 * @returns {Promise<{ name: string, version: string, license: string | undefined, dependencies: string[] }>}
 */
export async function readManifest(folder) {
  const manifest = /** @type {{ name: string, version: string, license?: string, dependencies?: object }} */ (
    JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  );
  const { name, version, license, dependencies = {} } = manifest;
  return { name, version, license, dependencies: Object.keys(dependencies) };
}
