import { fc, test as property } from '@fast-check/vitest';
import { appendFileSync, existsSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HistoryWriter, readHistoryFile, type Figures } from '../../../electron/runs/history-file.ts';
import { temporaryFolder } from '../folder.ts';

const HEADER_BYTES = 24;
const RECORD_BYTES = 32;

function figures(update: number): Figures {
  return {
    update,
    epoch: Math.floor(update / 10),
    loss: Math.fround(1 / update),
    gradientNorm: Math.fround(Math.sqrt(update)),
    learningRate: Math.fround(0.01),
    tokensPerSecond: Math.fround(1000 + update),
    seconds: update / 7,
  };
}

function range(from: number, to: number): Figures[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => figures(from + i));
}

/** Writes records in pieces of one flush each, as a run that stands at `update` goes on. */
function write(path: string, update: number, pieces: readonly (readonly Figures[])[]): void {
  const writer = HistoryWriter.open(path, update);
  for (const piece of pieces) {
    writer.append(piece);
    writer.flush();
  }
  writer.close();
}

async function read(path: string): Promise<Figures[]> {
  const records = await readHistoryFile(path);
  const names = ['update', 'epoch', 'loss', 'gradientNorm', 'learningRate', 'tokensPerSecond', 'seconds'] as const;
  return Array.from(
    { length: records.count },
    (_, record) => Object.fromEntries(names.map((name) => [name, records.at(record, name)])) as unknown as Figures,
  );
}

describe('a history', () => {
  test('gives back what was written, in whatever pieces', async () => {
    const path = join(temporaryFolder(), 'history');
    write(path, -1, [range(1, 2), range(2, 50), [], range(50, 51)]);
    write(path, 50, [range(51, 60)]);
    expect(await read(path)).toEqual(range(1, 60));
  });

  test('is empty before it is begun', async () => {
    const path = join(temporaryFolder(), 'history');
    expect(await read(path)).toEqual([]);
    write(path, -1, []);
    expect(await read(path)).toEqual([]);
  });

  test('goes on from a checkpoint: what came after it is dropped', async () => {
    const path = join(temporaryFolder(), 'history');
    write(path, -1, [range(1, 100)]);
    write(path, 60, []);
    expect(await read(path)).toEqual(range(1, 61));
    expect(statSync(path).size).toBe(HEADER_BYTES + 60 * RECORD_BYTES);
  });

  test('goes on over many blocks of reading', async () => {
    const path = join(temporaryFolder(), 'history');
    write(path, -1, [range(1, 200_001)]);
    write(path, 150_000, [range(150_001, 150_003)]);
    const records = await readHistoryFile(path);
    expect(records.count).toBe(150_002);
    expect(records.at(150_001, 'update')).toBe(150_002);
    expect(records.countUntil(70_000)).toBe(70_000);
  });

  property.prop([fc.nat({ max: 40 }), fc.nat({ max: 40 * RECORD_BYTES }), fc.nat({ max: 50 })])(
    'cut off anywhere, is whole up to the cut and goes on',
    async (count, cut, update) => {
      const path = join(temporaryFolder(), 'history');
      write(path, -1, [range(1, count + 1)]);
      const size = Math.max(0, statSync(path).size - cut);
      truncateSync(path, size);
      const left = Math.max(0, Math.floor((size - HEADER_BYTES) / RECORD_BYTES));
      expect(await read(path)).toEqual(range(1, left + 1));
      const kept = Math.min(left, update);
      write(path, update, [range(update + 1, update + 3)]);
      expect(await read(path)).toEqual([...range(1, kept + 1), ...range(update + 1, update + 3)]);
    },
  );

  test('ends where records no longer follow each other, as after zeros that a crash left', async () => {
    const path = join(temporaryFolder(), 'history');
    write(path, -1, [range(1, 5)]);
    appendFileSync(path, Buffer.alloc(3 * RECORD_BYTES));
    expect(await read(path)).toEqual(range(1, 5));
    write(path, 100, [range(101, 102)]);
    expect(await read(path)).toEqual([...range(1, 5), ...range(101, 102)]);
  });

  /** As version 1 wrote it: without seconds. */
  function writeFirstVersion(path: string, records: readonly Figures[]): void {
    const bytes = new Uint8Array(24 * (1 + records.length));
    bytes.set(new TextEncoder().encode('unrolled-history'));
    new Uint32Array(bytes.buffer, 16).set([1, 24]);
    records.forEach(({ update, epoch, loss, gradientNorm, learningRate, tokensPerSecond }, i) => {
      new Uint32Array(bytes.buffer, 24 * (i + 1)).set([update, epoch]);
      new Float32Array(bytes.buffer, 24 * (i + 1) + 8).set([loss, gradientNorm, learningRate, tokensPerSecond]);
    });
    writeFileSync(path, bytes);
  }
  const unknown = (records: readonly Figures[]) => records.map((record) => ({ ...record, seconds: NaN }));

  test('of version 1 is read, and goes on without seconds, which nobody knows', async () => {
    const path = join(temporaryFolder(), 'history');
    writeFirstVersion(path, range(1, 30));
    expect(await read(path)).toEqual(unknown(range(1, 30)));
    expect((await readHistoryFile(path)).secondsAt(3)).toBeNull();
    write(path, 20, [range(21, 25), range(25, 26)]);
    expect(await read(path)).toEqual(unknown(range(1, 26)));
  });

  test('of version 1 that has no records left goes on with seconds', async () => {
    const path = join(temporaryFolder(), 'history');
    writeFirstVersion(path, range(5, 9));
    write(path, 2, [range(3, 12)]);
    expect(await read(path)).toEqual(range(3, 12));
  });

  test('tells the seconds that a run goes on from', () => {
    const path = join(temporaryFolder(), 'history');
    write(path, -1, [range(1, 30)]);
    const writer = HistoryWriter.open(path, 20);
    expect(writer.seconds).toBe(20 / 7);
    writer.close();
  });

  test('refuses another file', async () => {
    const path = join(temporaryFolder(), 'history');
    writeFileSync(path, 'Call me Ishmael. Some years ago');
    await expect(readHistoryFile(path)).rejects.toThrow(
      `${path} is not a history of a run of version 2 or an older one`,
    );
    expect(() => HistoryWriter.open(path, 1)).toThrow(`${path} is not a history of a run of version 2 or an older one`);
  });

  test.runIf(existsSync('/dev/full'))('says when the disk is full', () => {
    const path = join(temporaryFolder(), 'history');
    symlinkSync('/dev/full', path);
    expect(() => HistoryWriter.open(path, -1)).toThrow(`${path} cannot be written: the disk is full`);
  });
});
