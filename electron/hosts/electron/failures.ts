/** What goes wrong in the main process is logged, and a person is told what happened and where the log is. */
import { app, dialog } from 'electron';
import { UnrolledError } from '../../../engine/errors.ts';
import { logDefect, logEvent, logPath } from '../../transport/log.ts';

/** Ends the program in good order after a defect; set once there is something to close. */
let endInGoodOrder: ((status: number) => void) | undefined;
let ending = false;

export function whenDefect(end: (status: number) => void): void {
  endInGoodOrder = end;
}

/** To be called before anything else can fail. */
export function watchProcess(): void {
  // Where the terminal that started the program is gone, nobody reads what is written to it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    logDefect('the main process', error);
    if (ending) {
      app.exit(1);
      return;
    }
    ending = true;
    dialog.showErrorBox('Unrolled has to close', withLog(`An error occurred in the program: ${messageOf(error)}`));
    if (endInGoodOrder) endInGoodOrder(1);
    else app.exit(1);
  });
  process.on('unhandledRejection', (reason) => logDefect('the main process', reason));
  app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
    if (reason !== 'clean-exit') {
      logEvent(`the process "${name ?? type}" (${type}) has ended: ${reason}, exit code ${exitCode}`);
    }
  });
}

/** The program could not start: says why, and ends it. */
export async function failStart(error: unknown): Promise<void> {
  await tellLauncher();
  if (error instanceof UnrolledError) {
    logEvent(`the program did not start: ${error.message}`);
    dialog.showErrorBox('Unrolled', [error.message, error.hint ?? ''].join('\n\n').trimEnd());
  } else {
    logDefect('the start', error);
    dialog.showErrorBox('Unrolled could not start', withLog(messageOf(error)));
  }
  app.exit(1);
}

/** "npm start" waits for this message, and opens the browser instead where it does not come. */
export function tellLauncher(): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send('shown', undefined, undefined, () => resolve());
  });
}

/** A message with the place of the log. */
export function withLog(message: string): string {
  const path = logPath();
  return path === undefined ? message : `${message}\n\nThe details are in the log file:\n${path}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
