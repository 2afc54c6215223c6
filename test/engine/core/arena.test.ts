import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Arena,
  columnOffsets,
  panelsOf,
  readMatrix,
  rowsOf,
  segmentsOf,
  writeMatrix,
  type Matrix,
} from '../../../engine/core/arena.ts';
import { Numbers } from '../../reference/numbers.ts';

const START = 64;

const size = fc.integer({ min: 1, max: 70 });
const widths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });

describe('an arena', () => {
  test('gives out aligned blocks that follow one another without overlap', () => {
    const takes = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('bytes' as const), bytes: fc.nat(1000) }),
        fc.record({ kind: fc.constant('matrix' as const), rows: fc.nat(70), segments: widths }),
      ),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(fc.nat(10_000), takes, (start, list) => {
        const arena = new Arena(start);
        let free = arena.end;
        expect(free).toBeGreaterThanOrEqual(start);
        for (const take of list) {
          let at: number;
          let bytes: number;
          if (take.kind === 'bytes') {
            at = arena.take(take.bytes);
            bytes = take.bytes;
          } else {
            const matrix = arena.matrix(take.rows, take.segments);
            at = matrix.at;
            bytes = matrix.panels * matrix.stride;
          }
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(free);
          expect(arena.end).toBeGreaterThanOrEqual(at + bytes);
          free = arena.end;
        }
      }),
    );
  });

  test('counts floats in fours of bytes', () => {
    const arena = new Arena(START);
    arena.floats(17);
    expect(arena.end).toBe(START + 128);
  });

  test('lays panels an odd number of cache lines apart, with room for all rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), widths, (rows, segments) => {
        const { stride, panels } = new Arena(START).matrix(rows, segments);
        expect((stride / 64) % 2).toBe(1);
        expect(stride).toBeGreaterThanOrEqual(rows * 32);
        expect(stride).toBeLessThan(rows * 32 + 3 * 64);
        expect(panels).toBe(segments.reduce((sum, width) => sum + Math.ceil(width / 8), 0));
      }),
    );
  });
});

describe('a matrix in panels', () => {
  test('has element (r, c) of a segment where the kernels look for it', () => {
    const { matrix, f32, values } = filled(5, [9, 3], 1);
    const columns = 12;
    for (let r = 0; r < 5; r++) {
      for (let c = 0; c < columns; c++) {
        // The second segment starts a panel of its own, the third one.
        const stored = c < 9 ? c : 16 + (c - 9);
        const address = matrix.at + (stored >> 3) * matrix.stride + r * 32 + (stored & 7) * 4;
        expect(f32[address / 4]).toBe(values[r * columns + c]);
      }
    }
  });

  test('gives back what was written, and leaves everything else as it was', () => {
    fc.assert(
      fc.property(size, widths, fc.nat(), (rows, segments, seed) => {
        const { matrix, f32, values } = filled(rows, segments, seed);
        const read = new Float32Array(values.length);
        readMatrix(f32, matrix, read);
        expect(read).toEqual(values);
        expect(f32.filter((value) => !Number.isNaN(value)).length).toBe(values.length);
      }),
    );
  });

  test('is read into rows of a given width', () => {
    const { matrix, f32, values } = filled(3, [2], 2);
    const wide = new Float32Array(3 * 5).fill(7);
    readMatrix(f32, matrix, wide, 5);
    expect([...wide]).toEqual([0, 1, 2].flatMap((r) => [values[r * 2], values[r * 2 + 1], 7, 7, 7]));
  });

  test('has rows and segments that are matrices in the same place', () => {
    fc.assert(
      fc.property(size, widths, fc.nat(), fc.nat(), fc.nat(), (rows, segments, seed, cutRow, cutSegment) => {
        const { matrix, f32, values } = filled(rows, segments, seed);
        const fromRow = cutRow % rows;
        const fromSegment = cutSegment % segments.length;
        const part = segmentsOf(rowsOf(matrix, fromRow, rows - fromRow), fromSegment, segments.length - fromSegment);
        const before = segments.slice(0, fromSegment).reduce((sum, width) => sum + width, 0);
        const columns = segments.reduce((sum, width) => sum + width, 0);
        const want: number[] = [];
        for (let r = fromRow; r < rows; r++) want.push(...values.subarray(r * columns + before, (r + 1) * columns));
        const read = new Float32Array(want.length);
        readMatrix(f32, part, read);
        expect([...read]).toEqual(want);
        expect(part.panels).toBe(part.segments.reduce((sum, width) => sum + panelsOf(width), 0));
      }),
    );
  });

  test('has offsets as far as a memory of 4 GiB reaches', () => {
    const stride = 3_000_000_064;
    expect(columnOffsets({ segments: [9], stride })[8]).toBe(stride);
  });
});

/** A matrix of distinct numbers in a memory of NaN. */
function filled(rows: number, segments: readonly number[], seed: number) {
  const arena = new Arena(START);
  const matrix: Matrix = arena.matrix(rows, segments);
  const f32 = new Float32Array(arena.end / 4 + 16).fill(NaN);
  const columns = segments.reduce((sum, width) => sum + width, 0);
  const values = Float32Array.from(new Numbers(seed).matrix(rows, columns).data);
  writeMatrix(f32, matrix, values);
  return { matrix, f32, values };
}
