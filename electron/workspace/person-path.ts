/** Paths that a person types: in a page, which has no current folder, or on a command line. */
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';

/** `~` and `~/...` with the person's home folder, where no shell has put it there. */
export function expandHome(path: string): string {
  if (path === '~') {
    return homedir();
  }
  return /^~[/\\]/u.test(path) ? join(homedir(), path.slice(2)) : path;
}

/** A path of the page as a whole one, on the computer that the program runs on. Throws InputError for any other. */
export function pagePath(path: string): string {
  const whole = expandHome(path.trim());
  if (isAbsolute(whole)) {
    return whole;
  }
  throw new InputError(
    `${show(path)} is not a whole path, and a page has no current folder to begin from`,
    `Type the path on the computer that Unrolled runs on (${hostname()}), from its root: ${join(homedir(), 'unrolled')}`,
  );
}
