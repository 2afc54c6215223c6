/** The packed app has its data in another place than the project: what it makes of them is the same. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packedApp } from '../packed-app.ts';

interface Descriptions {
  /** SHA-256 of each bundled dataset, as JSON. */
  readonly datasets: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, unknown>>;
}

/** What a program says of its data: run in a process of its own, with the thread that describes tasks in the app. */
async function describeIn(root: string, extension: 'js' | 'ts'): Promise<Descriptions> {
  const script = `
    import { createHash } from 'node:crypto';
    const load = (path) => import(${JSON.stringify(pathToFileURL(`${root}/`).href)} + path + '.${extension}');
    const { bundledDatasets, loadBundledDataset } = await load('electron/datasets/bundled');
    const { taskDefinitions } = await load('engine/tasks/registry');
    const { TaskTeller } = await load('electron/tasks/task-teller');
    const datasets = {};
    for (const id of bundledDatasets) {
      const json = JSON.stringify(await loadBundledDataset(id));
      datasets[id] = createHash('sha256').update(json).digest('hex');
    }
    const teller = new TaskTeller();
    const tasks = {};
    for (const { id } of taskDefinitions) tasks[id] = await teller.describe({ id }, '/nowhere');
    await teller.close();
    console.log(JSON.stringify({ datasets, tasks }));
  `;
  const folder = await mkdtemp(join(tmpdir(), 'unrolled-describe-'));
  try {
    const entry = join(folder, 'describe.mjs');
    await writeFile(entry, script);
    const args = extension === 'js' ? ['--no-strip-types', entry] : [entry];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout) as Descriptions;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the packed app describes every dataset and every task as the project does', { timeout: 600_000 }, async () => {
  // Outside of the project, so that no package of the project is found.
  const copy = await mkdtemp(join(tmpdir(), 'unrolled-packed-'));
  try {
    await cp((await packedApp()).unpacked, copy, { recursive: true });
    const [packedSays, projectSays] = await Promise.all([describeIn(copy, 'js'), describeIn(resolve('.'), 'ts')]);
    expect(Object.keys(projectSays.tasks).length).toBeGreaterThanOrEqual(24);
    expect(packedSays).toEqual(projectSays);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
