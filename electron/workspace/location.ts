import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** What the place of app data depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the packaged app's executable; null where Node runs the program. */
  readonly executable: string | null;
  /** Whether a file exists. */
  readonly exists: (path: string) => boolean;
}

const thisMachine: Machine = {
  platform: process.platform,
  home: homedir(),
  environment: process.env,
  executable: 'electron' in process.versions ? process.execPath : null,
  exists: existsSync,
};

/** A file of this name beside the program makes it portable. */
export const PORTABLE_MARKER = 'portable.txt';
/** Beside a portable program, all that it writes. */
const PORTABLE_DATA = 'Unrolled data';

/** The folder of the workspace where a person has chosen none: the portable one, or the system's place for app data. */
export function defaultWorkspace(machine: Machine = thisMachine): string {
  const { platform, home, environment } = machine;
  const portable = portableData(machine);
  if (portable !== undefined) {
    return pathOf(platform).join(portable, 'workspace');
  }
  switch (platform) {
    case 'win32':
      return win32.join(environment['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), 'Unrolled');
    case 'darwin':
      return posix.join(home, 'Library', 'Application Support', 'Unrolled');
    default: {
      // The XDG base directory specification: a relative path is to be ignored.
      const data = environment['XDG_DATA_HOME'];
      return posix.join(data?.startsWith('/') ? data : posix.join(home, '.local', 'share'), 'unrolled');
    }
  }
}

/**
 * The folder beside a portable program that holds everything it writes; undefined where the program is not portable. It is
 * portable as electron-builder's single executable for Windows, or with the file portable.txt beside it.
 */
export function portableData(machine: Machine = thisMachine): string | undefined {
  const { platform, environment, executable, exists } = machine;
  if (executable === null) {
    return undefined;
  }
  const path = pathOf(platform);
  const single = environment['PORTABLE_EXECUTABLE_DIR'];
  if (platform === 'win32' && single !== undefined && single !== '') {
    return path.join(single, PORTABLE_DATA);
  }
  const folder = programFolder(executable, machine);
  return exists(path.join(folder, PORTABLE_MARKER)) ? path.join(folder, PORTABLE_DATA) : undefined;
}

/** The folder that holds what a person sees as the program: the executable, the AppImage, or the app bundle. */
function programFolder(executable: string, { platform, environment }: Machine): string {
  const path = pathOf(platform);
  if (platform === 'darwin') {
    // Unrolled.app/Contents/MacOS/Unrolled
    return path.resolve(executable, '../../../..');
  }
  const { APPIMAGE: image, APPDIR: mounted } = environment;
  // Programs that an AppImage of another program starts inherit both variables.
  const isImage = platform === 'linux' && mounted !== undefined && executable.startsWith(`${mounted}/`);
  return path.dirname(isImage && image !== undefined ? image : executable);
}

function pathOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}
