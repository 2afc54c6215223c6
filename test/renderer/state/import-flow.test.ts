import { beforeEach, describe, expect, test } from 'vitest';
import type { DatasetInfo, ImportPreview } from '../../../electron/api/data.ts';
import { InputError } from '../../../engine/errors.ts';
import { ImportFlow, type Source } from '../../../renderer/state/import-flow.svelte.ts';
import { fakeProgram, settled, type FakeProgram } from '../fake-program.ts';

const preview: ImportPreview = {
  import: 'i',
  name: 'visitors',
  format: 'csv',
  encoding: 'utf-8',
  delimiter: ',',
  header: true,
  quotes: 'auto',
  skip: 0,
  comment: null,
  dateOrder: null,
  nfc: false,
  composed: 0,
  notices: ['The columns have numbers for names.'],
  rows: 3,
  columns: [],
  head: [],
  complaints: [],
  complaintsInAll: 0,
  suggestions: [{ form: 'series', value: 'visitors' }, { form: 'text' }],
};

const dataset: DatasetInfo = {
  id: 'visitors',
  name: 'visitors',
  form: 'series',
  bundled: false,
  origin: { title: '', source: '', licence: '' },
  size: 3,
  sizeLabel: 'days',
  samples: [],
  notices: [],
};

/** A file of `size` bytes, each its place in the file. */
function file(size: number): Source {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i);
  return {
    name: 'visitors.2024.csv',
    size,
    slice: (start, end) => ({ arrayBuffer: () => Promise.resolve(bytes.slice(start, end).buffer) }),
  };
}

describe('ImportFlow', () => {
  let program: FakeProgram;
  let flow: ImportFlow;
  let received: Uint8Array[];
  let cancelled: string[];
  let refuseChunk: boolean;
  let refuseSave: boolean;
  let begun: number;

  beforeEach(() => {
    received = [];
    cancelled = [];
    refuseChunk = false;
    refuseSave = false;
    begun = 0;
    program = fakeProgram({
      datasets: {
        importBegin: () => ({ import: `i${begun++}` }),
        importFile: () => ({ import: 'path' }),
        importChunk({ bytes }) {
          if (refuseChunk) throw new InputError('The disk is full.');
          received.push(bytes);
          return {};
        },
        importEnd: () => ({}),
        importPreview: ({ as }) => ({ ...preview, ...(as?.encoding === undefined ? {} : { encoding: as.encoding }) }),
        importCheck: ({ mapping }) => ({
          notices: [mapping.form],
          command: `unrolled data import --as ${mapping.form}`,
        }),
        importSave() {
          if (refuseSave) throw new InputError('There is no column “visitors”.');
          return dataset;
        },
        importCancel({ import: id }) {
          cancelled.push(id);
          return {};
        },
      },
    });
    flow = new ImportFlow(program.connection);
  });

  test('sends every byte in order and shows what was found', async () => {
    const size = 2 * (1 << 20) + 5;
    await flow.read(file(size));
    expect(received.map(({ length }) => length)).toEqual([1 << 20, 1 << 20, 5]);
    expect(Buffer.concat(received).equals(Buffer.from(Uint8Array.from({ length: size }, (_, i) => i)))).toBe(true);
    expect(flow).toMatchObject({ stage: 'mapping', share: 1, rows: 3, name: 'visitors' });
    expect(flow.mapping).toEqual({ form: 'series', value: 'visitors' });
  });

  test('saves with the mapping and the name, and is ready for the next', async () => {
    await flow.read(file(3));
    flow.name = 'Zoo';
    flow.mapping = { form: 'text' };
    expect(await flow.save()).toEqual(dataset);
    expect(program.calls.at(-1)).toEqual({
      name: 'datasets.importSave',
      args: { import: 'i0', name: 'Zoo', mapping: { form: 'text' } },
    });
    expect(flow.stage).toBe('idle');
    await flow.cancel();
    expect(cancelled).toEqual([]);
  });

  test('lets the mapping be mended where saving is refused', async () => {
    await flow.read(file(3));
    refuseSave = true;
    expect(await flow.save()).toBeUndefined();
    expect(flow).toMatchObject({ stage: 'mapping', failure: { message: 'There is no column “visitors”.' } });
    refuseSave = false;
    expect(await flow.save()).toEqual(dataset);
  });

  test('reads once more in another way, and keeps the name a person gave', async () => {
    await flow.read(file(3));
    flow.name = 'Zoo';
    await flow.readAs({ encoding: 'windows-1252' });
    const previews = () => program.calls.filter(({ name }) => name === 'datasets.importPreview');
    expect(previews().at(-1)?.args).toEqual({ import: 'i0', as: { encoding: 'windows-1252' } });
    // What was said before stays said.
    await flow.readAs({ skip: 2 });
    expect(previews().at(-1)?.args).toEqual({ import: 'i0', as: { encoding: 'windows-1252', skip: 2 } });
    expect(flow).toMatchObject({ stage: 'mapping', name: 'Zoo', preview: { encoding: 'windows-1252' } });
  });

  test('says what the chosen mapping would make of the file, and nothing of one that was changed meanwhile', async () => {
    await flow.read(file(3));
    await settled();
    expect(flow.check).toEqual({ notices: ['series'], command: 'unrolled data import --as series' });
    flow.mapping = { form: 'series', value: 'visitors', gaps: 'carry' };
    flow.mapping = { form: 'text' };
    expect(flow.check).toBeUndefined();
    await settled();
    expect(flow.check?.notices).toEqual(['text']);
  });

  test('lets the back read a file that it can reach, and shows how far it is', async () => {
    const reading = flow.readPath('C:\\data\\visitors.csv');
    await settled();
    expect(flow.fileName).toBe('visitors.csv');
    await reading;
    expect(flow.stage).toBe('mapping');
    expect(received).toEqual([]);
  });

  test('stops at a refusal and says why', async () => {
    refuseChunk = true;
    await flow.read(file(3));
    expect(flow).toMatchObject({ stage: 'failed', failure: { message: 'The disk is full.' } });
    await flow.cancel();
    expect(cancelled).toEqual(['i0']);
  });

  test('says that a file cannot be read', async () => {
    const broken: Source = {
      name: 'gone.csv',
      size: 3,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('no such file')) }),
    };
    await flow.read(broken);
    expect(flow.failure?.message).toBe('gone.csv could not be read: no such file');
  });

  test('a cancelled import sends nothing more and leaves nothing behind', async () => {
    let release = (): void => undefined;
    const slow: Source = {
      name: 'slow.csv',
      size: 3,
      slice: () => ({
        arrayBuffer: () =>
          new Promise((resolve) => {
            release = () => resolve(new ArrayBuffer(3));
          }),
      }),
    };
    const reading = flow.read(slow);
    await settled();
    await flow.cancel();
    release();
    await reading;
    expect(received).toEqual([]);
    expect(cancelled).toEqual(['i0']);
    expect(flow.stage).toBe('idle');
  });
});
