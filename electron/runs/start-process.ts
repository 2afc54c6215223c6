/** How a host starts processes that train; every host has its own way. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lastWords } from './last-words.ts';
import type { OrderMessage } from './messages.ts';

export interface ProcessListener {
  message(message: unknown): void;
  /** A sign of life (heartbeat.ts), about every second. */
  beat(): void;
  /** Once, after the last message. `reason`: "signal SIGKILL", "exit status 1"; `words`: its last line of errors. */
  exit(reason: string, words: string): void;
}

export interface TrainingProcess {
  readonly pid: number | undefined;
  /** A message to a process that has ended is lost. */
  post(message: OrderMessage): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts a process that runs electron/runs/training-process.ts. */
export type StartProcess = (listener: ProcessListener) => TrainingProcess;

const ENTRY = fileURLToPath(new URL('./training-process.ts', import.meta.url));
/** Of what a process writes to standard error, to tell why it ended. */
const WORDS_KEPT = 4000;

/** A child process of Node's. */
export const forkProcess: StartProcess = (listener) => {
  const child = fork(ENTRY, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  child.stdout?.on('data', () => listener.beat());
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-WORDS_KEPT);
  });
  let ended = false;
  const end = (reason: string): void => {
    if (!ended) {
      ended = true;
      listener.exit(reason, lastWords(words));
    }
  };
  child.on('message', (message) => listener.message(message));
  child.on('error', (error) => end(error.message));
  // "close" comes after "exit", when all that the process has sent and written was read.
  child.on('close', (code, signal) => end(signal === null ? `exit status ${code ?? 'unknown'}` : `signal ${signal}`));
  return {
    pid: child.pid,
    post: (message) => {
      if (child.connected) {
        child.send(message, () => undefined);
      }
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};
