/** Where Electron's runtime lies, found without loading the package, which would fetch it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hasDisplay, type Desktop } from '../browser/open-browser.ts';

/** The executable, or in part of a sentence why there is none. */
export type Runtime = { readonly executable: string } | { readonly reason: string };

/** `packageFolder`: of the package `electron`, undefined where that is not installed. */
export function findRuntime(desktop: Desktop, packageFolder: string | undefined): Runtime {
  if (!hasDisplay(desktop)) {
    return { reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' };
  }
  if (packageFolder === undefined) {
    return { reason: 'the package electron is not installed' };
  }
  const override = desktop.environment['ELECTRON_OVERRIDE_DIST_PATH'];
  const name = readText(join(packageFolder, 'path.txt')) ?? executableName(desktop.platform);
  if (override !== undefined && override !== '') {
    const executable = join(override, name);
    return existsSync(executable)
      ? { executable }
      : { reason: `ELECTRON_OVERRIDE_DIST_PATH leads to ${override}, which holds no ${name}` };
  }
  const executable = join(packageFolder, 'dist', name);
  if (!existsSync(executable)) {
    return { reason: "Electron's runtime is not installed (npx install-electron --no fetches it)" };
  }
  const wanted = versionOf(packageFolder);
  const found = readText(join(packageFolder, 'dist', 'version'))?.replace(/^v/u, '');
  return found === wanted
    ? { executable }
    : {
        reason: `Electron's runtime is version ${found ?? 'unknown'}, not ${wanted} (npx install-electron --no fetches it)`,
      };
}

/** The folder of the package `electron`. */
export function electronPackage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
}

function executableName(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return 'electron.exe';
    case 'darwin':
      return 'Electron.app/Contents/MacOS/Electron';
    default:
      return 'electron';
  }
}

function versionOf(packageFolder: string): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
