/** The log of the program: on standard error, and in a file once a host has said where. */
import { inspect } from 'node:util';
import { LogFile } from './log-file.ts';

/** Takes a defect of the program: where it came up, and what was thrown. */
export type Log = (where: string, error: unknown) => void;

let file: LogFile | undefined;

/** Writes the log to a file in `folder` from now on. Returns the file's path. */
export function openLog(folder: string): string {
  file = new LogFile(folder);
  return file.path;
}

/** Path of the log file; undefined where there is none. */
export function logPath(): string | undefined {
  return file?.path;
}

/** A defect, with the stack. */
export const logDefect: Log = (where, error) => {
  console.error(`unrolled: a defect of the program in ${where}:`);
  console.error(error);
  file?.write(`defect in ${where}: ${inspect(error)}`);
};

/** Something that a report of a defect should mention: a start, the end of a process. To the file alone. */
export function logEvent(text: string): void {
  file?.write(text);
}
