/** The documents name files and link pages that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file.replaceAll('\\', '/')}`),
];
/** Made by a build or by a user, so absent from a fresh clone. */
const MADE = /^(?:assembly\/built|dist|runs)\b/u;

test.each(documents)('every source file that %s names exists', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const paths = [...text.matchAll(/`((?:assembly|build|electron|engine|experiments|renderer|test)\/[\w./-]*)`/gu)]
    .map(([, path]) => path!)
    .filter((path) => !MADE.test(path));
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(documents)('every link from %s to another document works', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\(((?!https?:|#|mailto:)[^)#]+)/gu)].map(([, link]) => link!);
  expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
});
