/** A worker thread's side of threads.ts. */
import { parentPort } from 'node:worker_threads';
import type { BuildNetwork } from '../../engine/team/layout.ts';
import type { Network } from '../../engine/team/network.ts';
import { serveThread, type ThreadMessage } from '../../engine/team/team.ts';

/** What a thread is told. */
export type ThreadOrder<Spec> =
  | { readonly kind: 'serve'; readonly message: ThreadMessage<Spec> }
  /** Nobody needs it any more. */
  | { readonly kind: 'close' };

/** It has begun to serve its team; the team has let it go. */
export type ThreadWord = 'ready' | 'left';

/**
 * Serves one team after the other, until it is told to close. `failed` hears why a thread cannot go on with its team;
 * where it cannot build its share, the thread ends with the error.
 */
export function serveTeams(
  // Each entry serves the threads of the one function that starts it.
  build: (spec: never, thread: number) => BuildNetwork<Network>,
  failed: (error: unknown) => void = (error) => {
    console.error(error);
  },
): void {
  const port = parentPort;
  if (!port) throw new Error('Teams are served by a worker thread.');
  const say = (word: ThreadWord): void => {
    port.postMessage(word);
  };
  // What threads.ts of the same program posts.
  port.on('message', (order: ThreadOrder<never>) => {
    if (order.kind === 'close') {
      port.close();
      return;
    }
    const { message } = order;
    serveThread(message, (spec) => build(spec, message.thread), {
      ready: () => {
        say('ready');
      },
      failed,
    });
    say('left');
  });
}
