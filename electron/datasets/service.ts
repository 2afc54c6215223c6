/** The calls of the contract that concern datasets. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import type { Emit } from '../api/call.ts';
import type { events, Services } from '../api/contract.ts';
import type { DatasetInfo } from '../api/data.ts';
import { describeOwn } from './describe.ts';
import { Import, type ImportOptions } from './import/import.ts';
import type { DatasetRow, DatasetWorkspace } from './store.ts';
import { readManifest, writeManifest } from './stored.ts';

export interface DatasetService {
  readonly datasets: Services['datasets'];
  /** Cancels the imports that are under way. */
  close(): Promise<void>;
}

/** Imports at once; beyond that the oldest is cancelled: its page has been closed. */
const MOST_IMPORTS = 8;
/** What the folders of imports begin with, among those of datasets. */
const IMPORT = '.import-';

/** `bundled`: describes the datasets that come with the program. */
export function createDatasetService(
  workspace: DatasetWorkspace,
  emit: Emit<typeof events>,
  bundled: () => Promise<readonly DatasetInfo[]>,
): DatasetService {
  const imports = new Map<string, Import>();
  removeLeftovers(workspace.datasets.folder);

  return {
    datasets: {
      list: async () => [...(await bundled()), ...ownDatasets(workspace)],
      async importFile({ path }) {
        return begin((options) => Import.ofFile(options, path));
      },
      async importBegin({ name, totalBytes }) {
        return begin((options) => Import.ofPieces(options, name, totalBytes));
      },
      async importChunk({ import: id, bytes }) {
        await find(id).write(bytes);
        return {};
      },
      async importEnd({ import: id }) {
        await find(id).end();
        return {};
      },
      async importPreview({ import: id, as }) {
        return find(id).preview(as);
      },
      async importCheck({ import: id, name, mapping }) {
        return find(id).check(mapping, name);
      },
      async importSave({ import: id, name, mapping }) {
        const running = find(id);
        const store = workspace.datasets;
        const dataset = newId(name);
        const target = join(store.folder, dataset);
        const manifest = await running.save(mapping, name, target);
        try {
          store.insert({ id: dataset, name, created: Date.now() });
        } catch (error) {
          rmSync(target, { recursive: true, force: true });
          throw error;
        }
        imports.delete(id);
        await running.finish();
        return describeOwn(dataset, name, manifest);
      },
      async importCancel({ import: id }) {
        const running = find(id);
        imports.delete(id);
        await running.cancel();
        return {};
      },
      rename({ id, name }) {
        const store = workspace.datasets;
        requireOwn(workspace, id);
        const folder = join(store.folder, id);
        const manifest = readManifest(folder, id);
        writeManifest(folder, { ...manifest, name });
        store.rename(id, name);
        return describeOwn(id, name, manifest);
      },
      remove({ id }) {
        requireOwn(workspace, id);
        return workspace.datasets.remove(id);
      },
    },
    async close() {
      const running = [...imports.values()];
      imports.clear();
      await Promise.all(running.map((one) => one.cancel()));
    },
  };

  async function begin(make: (options: ImportOptions) => Import | Promise<Import>): Promise<{ import: string }> {
    const id = `import-${randomUUID()}`;
    const made = await make({ id, folder: join(workspace.datasets.folder, `${IMPORT}${id}`), emit });
    imports.set(id, made);
    const [oldest] = imports;
    if (imports.size > MOST_IMPORTS && oldest) {
      imports.delete(oldest[0]);
      await oldest[1].cancel();
    }
    return { import: id };
  }

  function find(id: string): Import {
    const found = imports.get(id);
    if (!found) throw new InputError(`the import ${show(id)} is not under way; it was saved, cancelled or never begun`);
    return found;
  }
}

/** A person's datasets, oldest first. */
export function ownDatasets({ datasets }: DatasetWorkspace): readonly DatasetInfo[] {
  return datasets.list().map((row) => describeRow(row, datasets.folder));
}

/** One that cannot be read is listed with the reason as its origin, so that it can be deleted. */
function describeRow({ id, name }: DatasetRow, folder: string): DatasetInfo {
  try {
    return describeOwn(id, name, readManifest(join(folder, id), id));
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    const origin = { title: name, source: error.message, licence: 'Not stated' };
    return { id, name, form: 'none', bundled: false, origin, size: 0, sizeLabel: 'items', samples: [], notices: [] };
  }
}

function requireOwn({ datasets }: DatasetWorkspace, id: string): void {
  if (!datasets.list().some((row) => row.id === id)) {
    throw new InputError(`the dataset ${show(id)} is not one of the workspace; only those can be renamed and deleted`);
  }
}

/** What a program that was killed has left of its imports. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(IMPORT)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** "my-novel-3fa91c": letters and digits of the name, and a part that makes it the only one. */
function newId(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const slug = plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'dataset';
  return `${slug}-${randomBytes(4).toString('hex')}`;
}
