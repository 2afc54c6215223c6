/** Which app the tests in Electron drive: the packed one that the environment names, or the project's in its own runtime. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { thisDesktop, type Desktop } from '../electron/hosts/browser/open-browser.ts';
import { electronPackage, findRuntime } from '../electron/hosts/electron/runtime.ts';

export interface ElectronApp {
  readonly executable: string;
  /** Before those of the test. */
  readonly args: readonly string[];
  readonly packed: boolean;
}

/** electron-builder's folder with a packed app that can be driven (build/electron-builder.driven.yml). */
const PACKED = 'UNROLLED_PACKED_APP';
/** Set to 1: a missing app is a failure, not a reason to skip. */
const REQUIRED = 'UNROLLED_REQUIRE_ELECTRON';

/** The app, or in part of a sentence why there is none. Throws where there is none and there has to be one. */
export function findElectronApp(
  desktop: Desktop = thisDesktop,
  architecture: string = process.arch,
  packageFolder: string | undefined = electronPackage(),
): ElectronApp | { readonly reason: string } {
  const folder = desktop.environment[PACKED] ?? '';
  const found =
    folder === '' ? projectApp(desktop, packageFolder) : packedApp(resolve(folder), desktop.platform, architecture);
  if ('reason' in found && desktop.environment[REQUIRED] === '1') {
    throw new Error(`The tests in Electron have to run, and cannot: ${found.reason}.`);
  }
  return found;
}

function projectApp(desktop: Desktop, packageFolder: string | undefined): ElectronApp | { readonly reason: string } {
  const runtime = findRuntime(desktop, packageFolder);
  return 'reason' in runtime ? runtime : { ...runtime, args: [resolve('dist/app')], packed: false };
}

function packedApp(
  folder: string,
  platform: NodeJS.Platform,
  architecture: string,
): ElectronApp | { readonly reason: string } {
  // electron-builder leaves x64 out of the names.
  const suffix = architecture === 'x64' ? '' : `-${architecture}`;
  const path = {
    darwin: [`mac${suffix}`, 'Unrolled.app', 'Contents', 'MacOS', 'Unrolled'],
    win32: [`win${suffix}-unpacked`, 'Unrolled.exe'],
    linux: [`linux${suffix}-unpacked`, 'unrolled'],
  }[platform as 'darwin' | 'linux' | 'win32'];
  const executable = join(folder, ...path);
  return existsSync(executable)
    ? { executable, args: [], packed: true }
    : { reason: `there is no packed app at ${executable}` };
}
