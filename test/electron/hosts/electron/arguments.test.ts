import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStart, startRequest } from '../../../../electron/hosts/electron/arguments.ts';

const FOLDER = join(import.meta.dirname, 'somewhere');

test.each([
  [[], undefined, []],
  [['--workspace', 'B'], 'B', []],
  [['--workspace=B', 'a.unrolled'], 'B', ['a.unrolled']],
  [['a.unrolled', '--workspace', 'B'], 'B', ['a.unrolled']],
  [
    ['--some-switch-of-chromium', '--lang=de', 'A Model.UNROLLED', 'b.unrolled'],
    undefined,
    ['A Model.UNROLLED', 'b.unrolled'],
  ],
  [['/opt/app/dist/app', '.', 'notes.txt'], undefined, []],
  [['--workspace', ''], undefined, []],
])('%o asks for the workspace %s and the files %o', (args, workspace, files) => {
  expect(startRequest({ args, folder: FOLDER })).toEqual({
    workspace: workspace === undefined ? undefined : join(FOLDER, workspace),
    files: files.map((file) => join(FOLDER, file)),
  });
});

test.each([[null], ['text'], [{ args: 'a.unrolled', folder: '/' }], [{ args: [] }]])(
  '%o was not handed over by this program',
  (given) => {
    expect(readStart(given)).toBeUndefined();
  },
);
