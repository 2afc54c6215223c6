/** Threads of a team as Node's worker threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MAXIMUM_THREADS } from '../../engine/team/control.ts';
import type { RunningThread, ThreadMessage } from '../../engine/team/team.ts';

/** As many as this process may use at once. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), MAXIMUM_THREADS);
}

/** Starts `entry`, a module that serves the message it is given as `workerData`; resolves at its first word. */
export function startThreadWith<Spec>(entry: URL): (message: ThreadMessage<Spec>) => Promise<RunningThread> {
  return (message) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(entry, { workerData: message });
      const exit = new Promise<void>((ended) => worker.once('exit', () => ended()));
      worker.once('message', () => {
        worker.unref();
        resolve({
          ended() {
            worker.ref();
            return exit;
          },
          async stop() {
            await worker.terminate();
          },
        });
      });
      worker.once('error', reject);
    });
}

/** A thread for a model's training. */
export const startModelThread = startThreadWith(new URL('./model-thread.ts', import.meta.url));
