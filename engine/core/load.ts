/**
 * Loading the core. The host hands in the built files; which of them runs is the engine's choice: the best that this
 * WebAssembly implementation validates.
 */
import { UnrolledError } from '../errors.ts';
import { BUILDS, isShared, type BuildName, type CoreModule } from './core.ts';
import { isFasterTwin } from './self-test.ts';

/** Where a host keeps the built files (`assembly/built/NAME.wasm`). */
export interface CoreFiles {
  read(build: BuildName): Promise<Uint8Array<ArrayBuffer>>;
}

export interface LoadOptions {
  /** More than one thread will run: only builds with shared memory will do. */
  readonly shared: boolean;
  /** This build and no other. */
  readonly build?: BuildName;
  /** The host has switched V8's revectorizer on: take a wide build where it gives the same results, and faster. */
  readonly revectorized?: boolean;
}

/** The best build that validates. Throws where none does: the machine's WebAssembly has no SIMD. */
export async function loadCore(files: CoreFiles, { shared, build, revectorized }: LoadOptions): Promise<CoreModule> {
  const ordinary = BUILDS.filter((candidate) => isShared(candidate) === shared && !candidate.startsWith('wide'));
  const core = await firstValid(files, build ? [build] : ordinary);
  if (!core) {
    throw new UnrolledError(
      'no-build',
      `This WebAssembly implementation cannot run ${build ? `the build "${build}"` : 'any build of the core'}.`,
      'Node 24 and current browsers can; SIMD must not be switched off.',
    );
  }
  if (!revectorized || !core.build.startsWith('relaxed') || build) return core;
  const wide = await firstValid(files, [shared ? 'wide-shared' : 'wide']);
  return wide && isFasterTwin(core, wide) ? wide : core;
}

async function firstValid(files: CoreFiles, candidates: readonly BuildName[]): Promise<CoreModule | undefined> {
  for (const build of candidates) {
    const bytes = await files.read(build);
    if (!WebAssembly.validate(bytes)) continue;
    return { build, shared: isShared(build), module: await WebAssembly.compile(bytes) };
  }
  return undefined;
}
