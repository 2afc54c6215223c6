/** The end of the program: runs are paused and the workspace is closed first. */
import { app } from 'electron';
import { fail } from '../../api/call.ts';
import type { Dispatch } from '../../transport/dispatch.ts';
import { logDefect } from '../../transport/log.ts';
import type { Start } from './arguments.ts';

export interface ClosingSteps {
  /** At once: says in the window what happens. */
  begin(): void;
  /** Pauses the runs and closes the workspace. */
  close(): Promise<void>;
}

export class Closing {
  readonly #steps: ClosingSteps;
  #begun = false;
  #next: Start | undefined;

  constructor(steps: ClosingSteps) {
    this.#steps = steps;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** Ends the program; a second call changes nothing. */
  begin(status = 0): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#steps.begin();
    this.#steps
      .close()
      .catch((error: unknown) => logDefect('closing the workspace', error))
      .finally(() => this.#exit(status));
  }

  /** The program is started again once it has ended. */
  startAgain(start: Start): void {
    this.#next = start;
  }

  /** Calls of the page are refused from the moment when the end begins. */
  guard(dispatch: Dispatch): Dispatch {
    return async (name, args) =>
      this.#begun ? fail('closing', 'Unrolled is closing; it saves the runs first.') : dispatch(name, args);
  }

  #exit(status: number): void {
    if (this.#next !== undefined) {
      // An AppImage and a portable executable unpack themselves: what is started is the file that the person knows.
      const { APPIMAGE, PORTABLE_EXECUTABLE_FILE } = process.env;
      const execPath = PORTABLE_EXECUTABLE_FILE ?? APPIMAGE;
      app.relaunch({ args: [...this.#next.args], ...(execPath === undefined ? {} : { execPath }) });
    }
    app.exit(status);
  }
}
