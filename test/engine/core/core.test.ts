import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import {
  ARENA_START,
  BUILDS,
  ZEROS_AT,
  createMemory,
  describeBytes,
  instantiateCore,
  isShared,
} from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { MemoryError } from '../../../engine/errors.ts';
import { buildRecurrentModel } from '../../../engine/models/recurrent-model.ts';
import { Team } from '../../../engine/team/team.ts';
import { ADAM, modelSpec } from '../models/running-model.ts';

describe.each(BUILDS)('the build %s', (build) => {
  test('works on the memory it is given', async () => {
    const module = await loadCore(coreFiles, { shared: isShared(build), build });
    const memory = createMemory(ARENA_START + 4096, isShared(build));
    const core = instantiateCore(module, memory);
    expect(core.build).toBe(build);
    expect(core.f32.buffer).toBe(memory.buffer);
    expect(Object.prototype.toString.call(memory.buffer)).toBe(
      isShared(build) ? '[object SharedArrayBuffer]' : '[object ArrayBuffer]',
    );
    core.kernels.f32_fill(8, 2.5, ARENA_START);
    core.kernels.f32_add(8, ARENA_START, ARENA_START, ARENA_START + 64);
    const at = ARENA_START / 4;
    expect([...core.f32.subarray(at, at + 8)]).toEqual(new Array(8).fill(2.5));
    expect([...core.f32.subarray(at + 16, at + 24)]).toEqual(new Array(8).fill(5));
    expect([...core.f32.subarray(ZEROS_AT / 4, at)]).toEqual(new Array(16).fill(0));
  });

  test('shares a memory with another instance', async () => {
    const module = await loadCore(coreFiles, { shared: isShared(build), build });
    const memory = createMemory(ARENA_START + 64, isShared(build));
    instantiateCore(module, memory).kernels.f32_fill(4, 3, ARENA_START);
    expect(instantiateCore(module, memory).f32[ARENA_START / 4]).toBe(3);
  });
});

describe('memory', () => {
  test.each([true, false])('has at least the bytes that are asked for; shared: %s', (shared) => {
    for (const bytes of [0, 1, 65_536, 65_537, 1_000_000]) {
      expect(createMemory(bytes, shared).buffer.byteLength).toBeGreaterThanOrEqual(Math.max(1, bytes));
    }
  });

  test.each([true, false])('beyond 4 GiB is refused in one sentence; shared: %s', (shared) => {
    expect(() => createMemory(2 ** 32 + 1, shared)).toThrow(MemoryError);
    expect(() => createMemory(12e9, shared)).toThrow(
      'This needs 12.0 GB of memory, and WebAssembly can address 4 GiB.',
    );
  });

  test('is refused to a model that is too large, before anything is started', async () => {
    const core = await loadCore(coreFiles, { shared: true });
    const spec = modelSpec({ hiddenSize: 8192, layers: 4, steps: 256, batchSize: 64 });
    const start = Team.start({
      core,
      spec,
      build: buildRecurrentModel,
      batchSize: spec.batchSize,
      threads: 2,
      optimizer: ADAM,
      startThread: () => Promise.reject(new Error('A thread was started.')),
    });
    await expect(start).rejects.toThrow(MemoryError);
    await expect(start).rejects.toThrow(/^This needs \d+(\.\d)? GB of memory, and WebAssembly can address 4 GiB\.$/);
  });

  test('is described in powers of 1000', () => {
    expect([0, 999, 1000, 999_999, 12_345_678, 2 ** 32, 5e12, 7e15].map(describeBytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.00 kB',
      '1.00 MB',
      '12.3 MB',
      '4.29 GB',
      '5.00 TB',
      '7.00 PB',
    ]);
  });
});
