/** What the workflows of the repository do, by their steps. */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';

// electron-builder brings it.
const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

const step = v.strictObject({
  name: v.optional(v.string()),
  uses: v.optional(v.pipe(v.string(), v.regex(/^actions\/[\w-]+@v\d+$/u))),
  run: v.optional(v.string()),
  if: v.optional(v.string()),
  shell: v.optional(v.literal('bash')),
  with: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  env: v.optional(v.record(v.string(), v.string())),
  'working-directory': v.optional(v.string()),
});
const job = v.strictObject({
  strategy: v.optional(v.object({ 'fail-fast': v.literal(false), matrix: v.record(v.string(), v.array(v.unknown())) })),
  needs: v.optional(v.string()),
  if: v.optional(v.string()),
  'runs-on': v.string(),
  'timeout-minutes': v.optional(v.number()),
  permissions: v.optional(v.record(v.string(), v.picklist(['read', 'write']))),
  env: v.optional(v.record(v.string(), v.string())),
  steps: v.pipe(v.array(step), v.minLength(1)),
});
const workflow = v.strictObject({
  name: v.string(),
  on: v.record(v.string(), v.unknown()),
  permissions: v.strictObject({ contents: v.literal('read') }),
  jobs: v.record(v.string(), job),
});
type Workflow = v.InferOutput<typeof workflow>;
type Job = v.InferOutput<typeof job>;

async function read(name: string): Promise<Workflow> {
  return v.parse(workflow, load(await readFile(`.github/workflows/${name}`, 'utf8')));
}

function jobOf({ jobs }: Workflow, name: string): Job {
  const found = jobs[name];
  if (found === undefined) throw new Error(`There is no job ${name}.`);
  return found;
}

/** Where among the steps one runs this; fails where none does. */
function placeOf({ steps }: Job, command: string | RegExp): number {
  const place = steps.findIndex(({ run = '' }) =>
    typeof command === 'string' ? run.includes(command) : command.test(run),
  );
  expect([String(command), place]).not.toEqual([String(command), -1]);
  return place;
}

const SYSTEMS = ['ubuntu-latest', 'windows-latest', 'macos-latest'];

test('every workflow is one that the services know, and every npm script that it runs exists', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
  const names = await readdir('.github/workflows');
  expect(names.sort()).toEqual(['ci.yml', 'nightly.yml', 'release.yml']);
  for (const name of names) {
    for (const { steps } of Object.values((await read(name)).jobs)) {
      for (const { uses, run = '' } of steps) {
        expect((uses === undefined) !== (run === '')).toBe(true);
        for (const [, script = ''] of run.matchAll(/npm (?:run )?(test|package(?::\w+)?)\b/gu)) {
          expect(Object.keys(scripts)).toContain(script);
        }
        for (const [, path = ''] of run.matchAll(/((?:build|test)\/\S+\.\w+)/gu)) {
          await expect(readFile(path)).resolves.toBeDefined();
        }
      }
    }
  }
});

describe('a push', () => {
  let build: Job;
  beforeAll(async () => {
    build = jobOf(await read('ci.yml'), 'build');
  });

  test('is tested on the three systems', () => {
    expect(build.strategy?.matrix['os']).toEqual(SYSTEMS);
  });

  test('is tested in Electron, and fails where those tests did not run', () => {
    expect(build.env).toMatchObject({ UNROLLED_REQUIRE_ELECTRON: '1' });
    const install = placeOf(build, 'install-electron --no');
    const tested = placeOf(build, /npm test$/u);
    expect(install).toBeGreaterThan(placeOf(build, 'npm ci'));
    expect(tested).toBeGreaterThan(install);
    expect(build.steps[tested]?.run).toContain("runner.os == 'Linux' && 'xvfb-run --auto-servernum'");
  });

  test('is packed', () => {
    expect(build.steps[placeOf(build, 'npm run package')]?.if).toBeUndefined();
  });
});

describe('a release', () => {
  let release: Workflow;
  let installers: Job;
  let publish: Job;
  beforeAll(async () => {
    release = await read('release.yml');
    installers = jobOf(release, 'installers');
    publish = jobOf(release, 'publish');
  });

  test('begins with a tag, which is the version', () => {
    expect(release.on['push']).toEqual({ tags: ['v*'] });
    expect(installers.steps[placeOf(installers, 'GITHUB_REF_NAME')]?.run).toContain(
      "require('./package.json').version",
    );
  });

  test('builds the installers of each system on that system', () => {
    expect(installers.strategy?.matrix['include']).toEqual([
      { os: 'ubuntu-latest', targets: '--linux' },
      { os: 'windows-latest', targets: '--win' },
      { os: 'macos-latest', targets: '--mac' },
    ]);
    placeOf(installers, 'electron-builder --config build/electron-builder.yml ${{ matrix.targets }}');
    const zip = installers.steps[placeOf(installers, 'electron-builder.portable.yml --win zip --x64 --arm64')];
    expect(zip?.if).toBe("runner.os == 'Windows'");
  });

  test('starts the packed app on each system and drives it before anything is built of it', () => {
    const packed = placeOf(installers, 'npm run package:driven');
    const driven = placeOf(installers, 'vitest run --project e2e test/e2e/electron.test.ts');
    expect(driven).toBeGreaterThan(packed);
    expect(placeOf(installers, 'electron-builder.yml')).toBeGreaterThan(driven);
    expect(installers.steps[driven]).toMatchObject({
      env: { UNROLLED_REQUIRE_ELECTRON: '1', UNROLLED_PACKED_APP: 'dist/driven' },
    });
    expect(installers.steps[driven]?.if).toBeUndefined();
  });

  test('keeps every kind of file that is built', () => {
    const upload = installers.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    expect(String(upload?.with?.['path']).trim().split(/\s+/u)).toEqual(
      ['AppImage', 'deb', 'rpm', 'exe', 'msi', 'dmg', 'zip'].map((extension) => `dist/packages/*.${extension}`),
    );
    expect(upload?.with?.['if-no-files-found']).toBe('error');
  });

  test('is drafted with checksums, and only then may anything be written', () => {
    expect(publish).toMatchObject({
      needs: 'installers',
      if: "github.ref_type == 'tag'",
      permissions: { contents: 'write' },
    });
    expect(installers.permissions).toBeUndefined();
    const sums = placeOf(publish, 'sha256sum');
    const draft = placeOf(publish, 'gh release create');
    expect(draft).toBeGreaterThan(sums);
    expect(publish.steps[draft]?.run).toContain('--draft');
  });
});
