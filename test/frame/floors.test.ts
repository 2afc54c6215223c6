/** The floors of the house, as ESLint enforces them with the project's own settings. */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

// The floors need no types, and the files below exist in memory only.
const eslint = new ESLint({
  overrideConfig: [tseslint.configs.disableTypeChecked, { rules: { '@typescript-eslint/no-unused-vars': 'off' } }],
});

/** What the floors say to `code` in a file at `path`: the messages of all rules, in order. */
async function complaints(path: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath: path });
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`));
}

describe('legal imports', () => {
  test.each([
    ['engine/models/a.ts', "import { a } from '../layers/a.ts';"],
    ['engine/models/a.ts', "import * as v from 'valibot';"],
    ['engine/a.ts', "import type { Kernels } from './core/kernels.ts';"],
    ['electron/cli/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['electron/cli/a.ts', "import { a } from '../../engine/training/a.ts';"],
    ['electron/cli/a.ts', "import { a } from '../api/a.ts';"],
    ['electron/main/a.ts', "import { app } from 'electron';"],
    ['electron/api/a.ts', "import type { Task } from '../../engine/tasks/task.ts';"],
    ['renderer/views/a.ts', "import { a } from '../look/a.ts';"],
    ['renderer/views/a.ts', "import type { Api } from '../../electron/api/a.ts';"],
    ['renderer/views/a.ts', "import { a } from '../../engine/explain/a.ts';"],
    ['assembly/a.ts', "import { fma } from './simd';"],
    ['test/engine/a.test.ts', "import { a } from '../../engine/a.ts';"],
    ['test/bench/a.ts', "import { a } from '../../electron/cli/a.ts';"],
    ['test/bench/a.ts', "import { a } from '../reference/a.ts';"],
    ['build/a.mjs', "import { a } from './floors.mjs';"],
  ])('%s: %s', async (path, code) => {
    expect(await complaints(path, code)).toEqual([]);
  });
});

describe('imports that go up or out', () => {
  test.each([
    ['engine/models/a.ts', "import { a } from '../../electron/cli/a.ts';", 'engine/ (floor 2)'],
    ['engine/models/a.ts', "import { a } from '../../renderer/a.ts';", 'engine/ (floor 2)'],
    ['engine/models/a.ts', "import { a } from '../../test/reference/a.ts';", 'engine/ (floor 2)'],
    ['engine/core/a.ts', "import { a } from '../../assembly/built/a.js';", 'engine/ (floor 2)'],
    ['engine/a.ts', "import { readFile } from 'node:fs/promises';", 'engine/ (floor 2)'],
    ['engine/a.ts', "import { readFile } from 'fs/promises';", 'engine/ (floor 2)'],
    ['engine/a.ts', "import type { Stats } from 'node:fs';", 'engine/ (floor 2)'],
    ['engine/a.ts', "export * from '../electron/a.ts';", 'engine/ (floor 2)'],
    ['engine/a.ts', "export { a } from '../electron/a.ts';", 'engine/ (floor 2)'],
    ['engine/a.ts', "export const a = import('../electron/a.ts');", 'engine/ (floor 2)'],
    ['engine/a.ts', "import { app } from 'electron';", 'engine/ (floor 2)'],
    ['electron/cli/a.ts', "import { a } from '../../renderer/a.ts';", 'electron/ (floor 3)'],
    ['electron/cli/a.ts', "import { a } from '../../test/a.ts';", 'electron/ (floor 3)'],
    ['electron/cli/a.ts', "import { a } from '../../assembly/built/a.js';", 'electron/ (floor 3)'],
    ['electron/api/a.ts', "import { a } from '../cli/a.ts';", 'electron/api'],
    ['electron/api/a.ts', "import { join } from 'node:path';", 'electron/api'],
    ['electron/api/a.ts', "import { app } from 'electron';", 'electron/api'],
    ['renderer/a.ts', "import { a } from '../electron/cli/a.ts';", 'renderer/ (floor 4)'],
    ['renderer/a.ts', "import { ipcRenderer } from 'electron';", 'renderer/ (floor 4)'],
    ['renderer/a.ts', "import { join } from 'node:path';", 'renderer/ (floor 4)'],
    ['assembly/a.ts', "import { a } from '../engine/a';", 'assembly/ (floor 1)'],
    ['assembly/a.ts', "import { a } from 'valibot';", 'assembly/ (floor 1)'],
    ['build/a.mjs', "import { a } from '../test/a.ts';", 'only test/ imports test/'],
    ['vitest.config.ts', "import { a } from './test/a.ts';", 'only test/ imports test/'],
  ])('%s: %s', async (path, code, law) => {
    const [complaint, ...others] = await complaints(path, code);
    expect(complaint).toMatch(/^unrolled\/floors: /);
    expect(complaint).toContain(law);
    expect(others).toEqual([]);
  });
});

test('the rule is on for a file of every floor', async () => {
  for (const path of ['assembly/a.ts', 'engine/a.ts', 'electron/a.ts', 'renderer/a.ts', 'build/a.mjs']) {
    const settings = (await eslint.calculateConfigForFile(path)) as { rules: Record<string, unknown> };
    expect(settings.rules['unrolled/floors'], path).toEqual([2]);
  }
});
