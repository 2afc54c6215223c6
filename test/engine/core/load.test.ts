import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { BUILDS, isShared, type BuildName } from '../../../engine/core/core.ts';
import { loadCore, type CoreFiles } from '../../../engine/core/load.ts';
import { UnrolledError } from '../../../engine/errors.ts';

/** The built files, but those that are named hold an instruction that no engine knows. */
function filesWithout(...spoiled: BuildName[]): CoreFiles {
  return {
    async read(build) {
      return spoiled.includes(build) ? Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 255) : coreFiles.read(build);
    },
  };
}

describe('loading the core', () => {
  test.each([
    { shared: true, spoiled: [], build: 'relaxed-shared' },
    { shared: true, spoiled: ['relaxed-shared'], build: 'baseline-shared' },
    { shared: false, spoiled: [], build: 'relaxed' },
    { shared: false, spoiled: ['relaxed', 'relaxed-shared'], build: 'baseline' },
  ] as const)('takes the best build that validates: $build', async ({ shared, spoiled, build }) => {
    const core = await loadCore(filesWithout(...spoiled), { shared });
    expect(core.build).toBe(build);
    expect(core.shared).toBe(shared);
  });

  test('takes no wide build that does not validate or that computes something else', async () => {
    const baselineAsWide: CoreFiles = { read: (build) => coreFiles.read(build === 'wide' ? 'baseline' : build) };
    for (const files of [filesWithout('wide'), baselineAsWide]) {
      expect((await loadCore(files, { shared: false, revectorized: true })).build).toBe('relaxed');
    }
    const noRelaxed = filesWithout('relaxed', 'relaxed-shared');
    expect((await loadCore(noRelaxed, { shared: true, revectorized: true })).build).toBe('baseline-shared');
  });

  test.each(BUILDS)('takes the build that is asked for: %s', async (build) => {
    expect(await loadCore(coreFiles, { shared: false, build })).toMatchObject({ build, shared: isShared(build) });
  });

  test('says where none will do', async () => {
    const none = loadCore(filesWithout(...BUILDS), { shared: false });
    await expect(none).rejects.toThrow('This WebAssembly implementation cannot run any build of the core.');
    await expect(none).rejects.toMatchObject({ code: 'no-build' });
    const one = loadCore(filesWithout('relaxed'), { shared: false, build: 'relaxed' });
    await expect(one).rejects.toThrow('This WebAssembly implementation cannot run the build "relaxed".');
    await expect(one).rejects.toBeInstanceOf(UnrolledError);
  });
});
