/**
 * Signs of life of a training process. A single update of a large model can keep the process's main thread busy for
 * minutes; a thread of its own writes a byte to standard output every second meanwhile. The host can so tell a process
 * that computes from one that is frozen (stopped by a signal, or swapped out).
 */
import { Worker } from 'node:worker_threads';

export const HEARTBEAT_MS = 1000;

/** Begins at once; it does not keep the process alive. */
export function startHeartbeat(): void {
  const worker = new Worker(new URL('./heartbeat-thread.ts', import.meta.url), { stdin: false });
  worker.on('error', (error) => console.error(error));
  worker.unref();
}
