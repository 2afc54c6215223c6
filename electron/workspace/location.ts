import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, resolve, sep as SEPARATOR, win32 } from 'node:path';
import { InputError } from '../../engine/errors.ts';

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

/** A folder that holds this is a workspace. */
const DATABASE = 'workspace.db';

/**
 * The folder of the workspace where a person has chosen none: the portable one, or the system's place for app data. A
 * workspace where earlier versions kept it is used there.
 */
export function defaultWorkspace(machine: Machine = thisMachine): string {
  const { platform, exists } = machine;
  const path = pathOf(platform);
  const { workspace, earlier } = foldersOf(machine);
  const holdsWorkspace = (folder: string): boolean => exists(path.join(folder, DATABASE));
  return earlier !== undefined && !holdsWorkspace(workspace) && holdsWorkspace(earlier) ? earlier : workspace;
}

/** The folder of what Chromium keeps: caches and the window's place. Nothing of it is missed when it is gone. */
export function profileFolder(machine: Machine = thisMachine): string {
  return foldersOf(machine).profile;
}

/** The folder of the program's log. */
export function logFolder(machine: Machine = thisMachine): string {
  return foldersOf(machine).logs;
}

interface Folders {
  readonly workspace: string;
  /** Where earlier versions had the workspace. */
  readonly earlier?: string;
  readonly profile: string;
  readonly logs: string;
}

/**
 * No folder is another's or lies in another, also on disks that do not distinguish cases. On Windows all are on the
 * machine itself: roaming folders are copied at each logon, or lie on a server, where SQLite is not safe.
 */
function foldersOf(machine: Machine): Folders {
  const { platform, home, environment } = machine;
  const path = pathOf(platform);
  const portable = portableData(machine);
  if (portable !== undefined) {
    return inside(portable);
  }
  switch (platform) {
    case 'win32': {
      const roaming = environment['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
      const local = environment['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local');
      return { ...inside(path.join(local, 'Unrolled')), earlier: path.join(roaming, 'Unrolled') };
    }
    case 'darwin': {
      const library = path.join(home, 'Library');
      const earlier = path.join(library, 'Application Support', 'Unrolled');
      return {
        workspace: path.join(earlier, 'workspace'),
        earlier,
        // Not in the folder that may be a workspace.
        profile: path.join(library, 'Application Support', 'org.unrolled.lab'),
        logs: path.join(library, 'Logs', 'Unrolled'),
      };
    }
    default: {
      const data = path.join(xdgFolder(environment['XDG_DATA_HOME'], path.join(home, '.local', 'share')), 'unrolled');
      const state = path.join(xdgFolder(environment['XDG_STATE_HOME'], path.join(home, '.local', 'state')), 'unrolled');
      const workspace = isSameFolder(data, state) ? path.join(data, 'workspace') : data;
      return { workspace, earlier: data, profile: path.join(state, 'profile'), logs: path.join(state, 'logs') };
    }
  }

  function inside(folder: string): Folders {
    return {
      workspace: path.join(folder, 'workspace'),
      profile: path.join(folder, 'profile'),
      logs: path.join(folder, 'logs'),
    };
  }
}

/** The XDG base directory specification: a relative path is to be ignored. */
function xdgFolder(given: string | undefined, otherwise: string): string {
  return given?.startsWith('/') === true ? given : otherwise;
}

/** Also on a disk that does not distinguish cases. */
export function isSameFolder(a: string, b: string): boolean {
  return resolve(a).toLowerCase() === resolve(b).toLowerCase();
}

/** Throws InputError where a workspace's folder is, or holds, a folder that the host has for itself. */
export function requireApart(workspace: string, reserved: string | undefined): void {
  if (reserved === undefined) return;
  const own = resolve(reserved).toLowerCase();
  const folder = resolve(workspace).toLowerCase();
  if (own === folder || own.startsWith(folder.endsWith(SEPARATOR) ? folder : `${folder}${SEPARATOR}`)) {
    throw new InputError(
      `${workspace} is where the program keeps data of its own (${reserved})`,
      'Choose another folder for the workspace.',
    );
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
