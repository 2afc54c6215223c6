import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** What the place of app data depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The folder of the workspace where a person has chosen none: the system's place for app data. */
export function defaultWorkspace(
  { platform, home, environment }: Machine = { platform: process.platform, home: homedir(), environment: process.env },
): string {
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
