/** Training processes as Electron's utility processes. */
import type { utilityProcess, UtilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import { lastWords } from '../../runs/last-words.ts';
import type { StartProcess } from '../../runs/start-process.ts';
import { logEvent } from '../../transport/log.ts';

const ENTRY = fileURLToPath(new URL('../../runs/training-process.ts', import.meta.url));
/** Of what a process writes to standard error, to tell why it ended. */
const WORDS_KEPT = 4000;

/** What is used of Electron's module of this name. */
export type Forking = Pick<typeof utilityProcess, 'fork'>;

/** Electron is ready by the time it is called. */
export function utilityStarter(electron: Forking): StartProcess {
  return (listener) => {
    const child = electron.fork(ENTRY, [], {
      serviceName: 'Unrolled training',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', () => listener.beat());
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-WORDS_KEPT);
    });
    child.on('message', (message: unknown) => listener.message(message));
    let ended = false;
    child.on('exit', (code) => {
      ended = true;
      if (code !== 0) logEvent(`a training process has ended: exit status ${code}\n${words}`.trimEnd());
      listener.exit(`exit status ${code}`, lastWords(words));
    });
    return {
      get pid() {
        return child.pid;
      },
      // To post inside the event "exit" has crashed the main process (electron#53923).
      post: (message) => {
        if (!ended) child.postMessage(message);
      },
      kill: () => kill(child),
    };
  };
}

/** UtilityProcess.kill asks; this does not. */
function kill(child: UtilityProcess): void {
  if (child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
    return;
  }
}
