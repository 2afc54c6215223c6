/**
 * What others have made and this program contains, with the licenses that have to go with every copy of it: as JSON for
 * the page, and as text.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { legalText, packageFolder, readManifest, readNotice, withDependencies } from './installed-packages.mjs';
import { MAIN, modulesFrom, packageName, packagesImported } from './program.mjs';

/** The browser host brings a package of its own. */
const BROWSER_HOST = 'electron/hosts/browser/main';
/** Its library and runtime are compiled into the core. */
const CORE_COMPILER = 'assemblyscript';

/** Where the licenses of datasets can be read. */
const DATA_LICENSES = new Map([
  ['CC0-1.0', 'https://creativecommons.org/publicdomain/zero/1.0/'],
  ['CC-BY-4.0', 'https://creativecommons.org/licenses/by/4.0/'],
  ['Unicode-3.0', 'https://www.unicode.org/license.txt'],
  ['BSD-2-Clause', 'https://opensource.org/license/bsd-2-clause'],
]);

/** @typedef {import('./installed-packages.mjs').PackageNotice} PackageNotice */
/**
 * Texts are those of the packages that the data come in; an address leads to the license of the data themselves.
 * @typedef {{ title: string, source: string, license: string, address: string, packages: PackageNotice[] }} DatasetNotice
 */
/**
 * @typedef {object} Notices
 * @property {{ license: string, text: string }} program
 * @property {PackageNotice[]} software
 * @property {PackageNotice[]} fonts
 * @property {DatasetNotice[]} datasets
 */

/**
 * Of everything that a host serves and runs.
 * @param {string} root
 * @param {Iterable<string>} bundled Folders of the packages in the bundles of the page and of exported pages.
 * @returns {Promise<Notices>}
 */
export async function programNotices(root, bundled) {
  const folders = new Set(bundled);
  for (const entry of [MAIN, BROWSER_HOST]) {
    const names = await packagesImported(await modulesFrom(`${entry}.ts`));
    const found = await withDependencies([...names].map(packageName), join(root, `${entry}.ts`));
    for (const folder of found) folders.add(folder);
  }
  const packages = await packageNotices(root, folders);
  return {
    program: await ownNotice(root),
    software: packages.filter(({ license }) => !isFont(license)),
    fonts: packages.filter(({ license }) => isFont(license)),
    datasets: await datasetNotices(root),
  };
}

/**
 * Of an exported page: its program and the core. It contains no font and no dataset.
 * @param {string} root
 * @param {Iterable<string>} bundled Folders of the packages in its bundle.
 * @returns {Promise<Notices>}
 */
export async function pageNotices(root, bundled) {
  return { program: await ownNotice(root), software: await packageNotices(root, bundled), fonts: [], datasets: [] };
}

/**
 * @param {string} root
 * @param {Iterable<string>} folders
 */
async function packageNotices(root, folders) {
  const all = new Set([...folders, packageFolder(CORE_COMPILER, join(root, 'build/core.mjs'))]);
  const notices = await Promise.all([...all].map(readNotice));
  return notices.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** @param {string} license */
function isFont(license) {
  return license.startsWith('OFL');
}

/** @param {string} root */
async function ownNotice(root) {
  const { license } = /** @type {{ license: string }} */ (
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  );
  return { license, text: (await readFile(join(root, 'LICENSE'), 'utf8')).trim() };
}

/**
 * The bundled datasets by their origin, with the packages that they are read from.
 * @param {string} root
 * @returns {Promise<DatasetNotice[]>}
 */
async function datasetNotices(root) {
  const [{ bundledDatasets, loadBundledDataset }, { taskDefinitions }] = await Promise.all([
    import('../electron/datasets/bundled.ts'),
    import('../engine/tasks/registry.ts'),
  ]);
  return Promise.all(
    bundledDatasets.map(async (id) => {
      const origin = taskDefinitions.find(({ dataset }) => dataset === id)?.origin;
      if (origin === undefined) throw new Error(`No task is made from the dataset ${id}.`);
      /** @type {Set<string>} */
      const folders = new Set();
      await loadBundledDataset(id, (name, path) => {
        const folder = packageFolder(name, join(root, 'build/core.mjs'));
        folders.add(folder);
        return readFile(join(folder, path), 'utf8');
      });
      const { title, source, licence: license } = origin;
      const address = DATA_LICENSES.get(license);
      if (address === undefined) throw new Error(`The address of the license ${license} is not known.`);
      return { title, source, license, address, packages: await Promise.all([...folders].map(datasetPackage)) };
    }),
  );
}

/**
 * Some have no license file: their data are under the license that the dataset names.
 * @param {string} folder
 * @returns {Promise<PackageNotice>}
 */
async function datasetPackage(folder) {
  const { name, version, license = 'no license named' } = await readManifest(folder);
  return { name, version, license, text: await legalText(folder) };
}

/**
 * @param {Notices} notices
 * @param {string} folder Is made.
 */
export async function writeNotices(notices, folder) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'licenses.json'), JSON.stringify(notices));
  await writeFile(join(folder, 'licenses.txt'), noticesText(notices));
}

const LINE = '='.repeat(80);

/**
 * @param {Notices} notices
 * @returns {string}
 */
export function noticesText({ program, software, fonts, datasets }) {
  const packages = [...software, ...fonts].map(packageText);
  const data = datasets.map(({ title, source, license, address, packages: from }) =>
    [`Dataset: ${title}`, source, `License of the data: ${license}, ${address}`, '', ...from.map(packageText)].join(
      '\n',
    ),
  );
  return [
    [`Unrolled (${program.license})`, '', program.text].join('\n'),
    'Unrolled contains the following works of others, under the licenses given with each.',
    ...packages,
    ...data,
  ]
    .join(`\n\n${LINE}\n\n`)
    .concat('\n');
}

/** @param {PackageNotice} notice */
function packageText({ name, version, license, text }) {
  return [`${name} ${version} (${license})`, ...(text === '' ? [] : ['', text])].join('\n');
}
