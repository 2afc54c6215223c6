/** What is no model, or none that can be read, is named by its content, with what to do instead. */
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { openImport } from '../../../electron/imports/open-import.ts';
import { FormatError, type UnrolledError } from '../../../engine/errors.ts';

const text = (value: string) => new TextEncoder().encode(value);
const latin1 = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));
const padded = (bytes: Uint8Array, length = 600) => {
  const all = new Uint8Array(length);
  all.set(bytes);
  return all;
};
const zip = (...names: string[]) => zipSync(Object.fromEntries(names.map((name) => [name, text('x')])));
const tar = padded(latin1(`model/\0`.padEnd(257, '\0') + 'ustar\0'), 1024);

const KINDS: readonly (readonly [name: string, bytes: Uint8Array, message: RegExp, hint: RegExp])[] = [
  ['us.csv', text('date,value\n2020-01-01,3\n'), /us\.csv is a table as text/u, /open Data and choose Import/u],
  ['us.tsv', latin1('caf\xe9\t1\nna\xefve\t2\n'), /a table as text/u, /Data/u],
  ['book.txt', text('Call me Ishmael. Some years ago\n'), /is text, not a model/u, /Data/u],
  ['wide.txt', latin1('\xff\xfeh\0i\0'), /is text, not a model/u, /Data/u],
  ['rows.jsonl', text('{"a": 1}\n{"a": 2}\n'), /JSON, but not the model\.json/u, /Data/u],
  ['model.h5', padded(latin1('\x89HDF\r\n\x1a\n')), /HDF5 file, as Keras writes models/u, /tensorflowjs_converter/u],
  ['model.safetensors', padded(latin1('\x89HDF\r\n\x1a\n')), /HDF5 file/u, /tensorflowjs_converter/u],
  ['model.keras', zip('metadata.json', 'config.json', 'model.weights.h5'), /Keras model \(\.keras\)/u, /keras/u],
  ['saved.zip', zip('saved/saved_model.pb', 'saved/variables/x'), /TensorFlow SavedModel/u, /tensorflowjs_converter/u],
  ['table.xlsx', zip('[Content_Types].xml', 'xl/workbook.xml'), /office program/u, /CSV/u],
  ['weights.npz', zip('a.npy', 'b.npy'), /NumPy arrays/u, /safetensors\.numpy/u],
  ['other.zip', zip('readme.md'), /zip file without a model/u, /bundles/u],
  ['weights.npy', padded(latin1('\x93NUMPY')), /NumPy array/u, /safetensors\.numpy/u],
  ['model.tflite', padded(latin1('\x1c\0\0\0TFL3')), /TensorFlow Lite/u, /ONNX or safetensors/u],
  ['llm.gguf', padded(latin1('GGUF')), /GGUF/u, /safetensors/u],
  ['model.pt.gz', padded(latin1('\x1f\x8b\x08')), /gzip file/u, /Unpack/u],
  ['model.pth', tar, /tar archive/u, /torch\.load\("model\.pth"[^\n]*\n.*torch\.save\(/u],
  ['model.pth', padded(latin1('sys_info\0'.padEnd(100, '\0') + '0000644')), /tar archive/u, /torch\.load/u],
  ['model.pkl', latin1('\x80\x04K\x01.'), /Python pickle, but not a file of torch\.save/u, /torch\.load/u],
  ['data.parquet', padded(latin1('PAR1')), /Parquet/u, /Data/u],
  ['lab.db', padded(latin1('SQLite format 3\0')), /SQLite/u, /safetensors/u],
  ['page.html', text('<!doctype html><p>hello'), /web page/u, /safetensors/u],
  ['nothing.pt', new Uint8Array(), /is empty/u, /^$/u],
  ['noise.bin', Uint8Array.of(7, 0, 1, 2, 3, 4, 5, 6, 7, 8), /begins with the bytes 07 00 01/u, /safetensors/u],
  [
    'experiment.json',
    text('{"format": "unrolled-experiment", "version": 1}'),
    /is an experiment, not a trained model/u,
    /Train it/u,
  ],
  ['model.json', text('{"format": "graph-model", "modelTopology": {}}'), /GraphModel/u, /tfjs_layers_model/u],
];

describe('a file that is no model for this program is refused by its content', () => {
  test.each(KINDS)('%s (%#)', (name, bytes, message, hint) => {
    let error: UnrolledError | undefined;
    try {
      openImport([{ name, bytes }]);
    } catch (thrown) {
      error = thrown as UnrolledError;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(error!.message).toMatch(message);
    expect(error!.hint ?? '').toMatch(hint);
    expect(error!.message.length).toBeLessThan(300);
  });
});
