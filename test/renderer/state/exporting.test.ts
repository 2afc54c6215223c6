import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { Exporting, type ExportWay } from '../../../renderer/state/exporting.svelte.ts';
import { fakeProgram, settled, type FakeProgram } from '../fake-program.ts';

const what = { run: 'r', update: 60, format: 'onnx' } as const;
const content = Uint8Array.from({ length: 2500 }, (_, i) => i);

describe('Exporting', () => {
  let program: FakeProgram;
  let exporting: Exporting;
  let begun: object[];
  let finished: string[];
  let saved: [number[], string][];
  let refused: boolean;

  const way = (path?: string): ExportWay => ({
    choosePath: path === undefined ? undefined : () => Promise.resolve(path === '' ? undefined : path),
    saveBytes: (parts, name) => saved.push([parts.flatMap((part) => Array.from(part)), name]),
  });
  const tell = (state: 'working' | 'done' | 'failed' | 'cancelled', fraction: number) =>
    program.emit('exports.progress', {
      export: 'e',
      state,
      fraction,
      bytes: content.length,
      failure: state === 'failed' ? { code: 'invalid-input', message: 'the disk is full' } : null,
    });

  beforeEach(async () => {
    begun = [];
    finished = [];
    saved = [];
    refused = false;
    program = fakeProgram({
      exports: {
        preview: ({ format }) => ({
          refused: null,
          fileName: `names.${format}`,
          files: [{ name: 'model', bytes: 5 }],
          graphs: [],
          snippets: [],
          card: '',
        }),
        begin: (args) => {
          if (refused) throw new InputError('the run has no checkpoint of update 60');
          begun.push(args);
          return { export: 'e' };
        },
        read: ({ offset }) => ({ bytes: content.slice(offset, offset + 1000) }),
        finish: ({ export: id }) => {
          finished.push(id);
          return {};
        },
        cancel: () => {
          tell('cancelled', 0);
          return {};
        },
      },
    });
    exporting = new Exporting(program.connection);
    await exporting.look(what);
  });

  test('the newest question counts', async () => {
    const first = exporting.look({ ...what, format: 'html' });
    await exporting.look({ ...what, format: 'tfjs' });
    await first;
    expect(exporting.preview?.fileName).toBe('names.tfjs');
  });

  test('a download is read in pieces and handed over whole', async () => {
    const writing = exporting.write(what, way());
    await settled();
    tell('working', 0.5);
    expect([exporting.stage, exporting.fraction]).toEqual(['working', 0.5]);
    tell('done', 1);
    await writing;
    expect(begun).toEqual([what]);
    expect(saved).toEqual([[Array.from(content), 'names.onnx']]);
    expect(finished).toEqual(['e']);
    expect([exporting.stage, exporting.saved]).toEqual(['done', 'names.onnx']);
  });

  test('where there are dialogs the program writes to the path itself', async () => {
    const writing = exporting.write(what, way('/somewhere/a.onnx'));
    await settled();
    tell('done', 1);
    await writing;
    expect(begun).toEqual([{ ...what, path: '/somewhere/a.onnx' }]);
    expect(saved).toEqual([]);
    expect(exporting.saved).toBe('/somewhere/a.onnx');
    await exporting.write(what, way(''));
    expect(begun).toHaveLength(1);
  });

  test('it can be cancelled, and what fails is told', async () => {
    const cancelled = exporting.write(what, way());
    await settled();
    await exporting.cancel();
    await cancelled;
    expect([exporting.stage, exporting.failure]).toEqual(['idle', undefined]);
    const failed = exporting.write(what, way());
    await settled();
    tell('failed', 0.7);
    await failed;
    expect(exporting.failure?.message).toBe('the disk is full');
    refused = true;
    await exporting.write(what, way());
    expect(exporting.failure?.message).toContain('no checkpoint');
    expect([exporting.stage, saved]).toEqual(['idle', []]);
  });
});
