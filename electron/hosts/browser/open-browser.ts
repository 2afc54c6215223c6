/** The person's browser, opened at an address. */
import { spawn } from 'node:child_process';

/** What decides how a browser is opened. */
export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const thisDesktop: Desktop = { platform: process.platform, environment: process.env };

/** Whether there is a screen to show windows on, as far as can be told. */
export function hasDisplay({ platform, environment }: Desktop): boolean {
  const displays = [environment['DISPLAY'], environment['WAYLAND_DISPLAY']];
  return platform === 'win32' || platform === 'darwin' || displays.some((name) => name !== undefined && name !== '');
}

/** The program that opens an address in the browser, and its arguments; undefined where there is no display. */
export function browserCommand(
  url: string,
  desktop: Desktop,
): readonly [program: string, ...args: string[]] | undefined {
  if (!hasDisplay(desktop)) {
    return undefined;
  }
  switch (desktop.platform) {
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler', url];
    case 'darwin':
      return ['open', url];
    default:
      return ['xdg-open', url];
  }
}

/** Tries; where it fails, the address was printed. */
export function openBrowser(url: string, desktop: Desktop = thisDesktop): void {
  const command = browserCommand(url, desktop);
  if (command !== undefined) {
    const [program, ...args] = command;
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.on('error', () => undefined);
    child.unref();
  }
}
