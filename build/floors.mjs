/**
 * The floors of the house, as an ESLint rule: imports go down only. A file's floor is the deepest folder of FLOORS that
 * holds it. Files in no floor (settings at the top, build/, test/) may import from everywhere but test/, which is
 * open to test/ alone.
 */
import { builtinModules } from 'node:module';
import { dirname, relative, resolve } from 'node:path';

/**
 * @typedef {object} Floor
 * @property {string} folder
 * @property {string[]} mayImport Folders, relative to the project's root; the floor's own is among them.
 * @property {boolean} packages Whether packages of node_modules may be imported.
 * @property {boolean} node Whether Node's own modules may be imported.
 * @property {boolean} electron Whether the package `electron` may be imported.
 * @property {string} law What to tell a person who breaks it.
 */

/** @type {Floor[]} Deeper folders first. */
const FLOORS = [
  {
    folder: 'electron/api',
    mayImport: ['electron/api', 'engine'],
    packages: true,
    node: false,
    electron: false,
    law: 'electron/api (the contract that both sides read) imports electron/api and engine/ only, and runs without Node',
  },
  {
    folder: 'renderer',
    mayImport: ['renderer', 'electron/api', 'engine', 'docs/glossary.md'],
    packages: true,
    node: false,
    electron: false,
    law: 'renderer/ (floor 4) imports renderer/, electron/api/, engine/ and the glossary only, and runs without Node',
  },
  {
    folder: 'electron',
    mayImport: ['electron', 'engine'],
    packages: true,
    node: true,
    electron: true,
    law: 'electron/ (floor 3) imports electron/ and engine/ only',
  },
  {
    folder: 'engine',
    mayImport: ['engine'],
    packages: true,
    node: false,
    electron: false,
    law: 'engine/ (floor 2) imports engine/ only, runs without Node, DOM and Electron, and is handed the built core',
  },
  {
    folder: 'assembly',
    mayImport: ['assembly'],
    packages: false,
    node: false,
    electron: false,
    law: 'assembly/ (floor 1) imports assembly/ only',
  },
];

const NODE_MODULES = new Set(builtinModules);

/**
 * @param {string} path Relative to the root, with forward slashes.
 * @param {string} folder
 */
function isInside(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}

/**
 * @param {string} root Absolute.
 * @param {string} file Absolute.
 * @param {string} source The import's specifier.
 * @returns {string | undefined} The law that the import breaks, or undefined where it is legal.
 */
function brokenLaw(root, file, source) {
  const from = relative(root, file).replaceAll('\\', '/');
  const floor = FLOORS.find(({ folder }) => isInside(from, folder));
  if (source.startsWith('.')) {
    const [path = ''] = source.split('?');
    const target = relative(root, resolve(dirname(file), path)).replaceAll('\\', '/');
    if (floor) return floor.mayImport.some((folder) => isInside(target, folder)) ? undefined : floor.law;
    return isInside(target, 'test') && !isInside(from, 'test') ? 'only test/ imports test/' : undefined;
  }
  if (!floor) return undefined;
  if (source.startsWith('node:') || NODE_MODULES.has(source)) return floor.node ? undefined : floor.law;
  if (isInside(source, 'electron')) return floor.electron ? undefined : floor.law;
  return floor.packages ? undefined : floor.law;
}

/** @type {import('eslint').Rule.RuleModule} */
export const floors = {
  meta: {
    type: 'problem',
    docs: { description: 'Imports go down the floors of the house only.' },
    messages: { broken: "'{{source}}' may not be imported here: {{law}}." },
    schema: [],
  },
  create(context) {
    /** @param {{ source?: unknown }} node */
    function check(node) {
      const source = /** @type {import('estree').Expression | null | undefined} */ (node.source);
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const law = brokenLaw(context.cwd, context.filename, source.value);
      if (law !== undefined) context.report({ node: source, messageId: 'broken', data: { source: source.value, law } });
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
