/** The entry of a process that trains one run: a child process of Node's, or a utility process of Electron's. */
import { startHeartbeat } from './heartbeat.ts';
import type { OrderMessage } from './messages.ts';
import type { Port } from './trainer.ts';

/** What Electron gives a utility process in place of Node's channel. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

function electronPort(parent: ParentPort): Port {
  return {
    post: (message) => parent.postMessage(message),
    listen: (listener) => parent.on('message', ({ data }) => listener(data)),
  };
}

/**
 * Without its host nobody keeps what is trained: the process ends when the channel does. Signals are the host's to
 * answer: what a terminal sends, as at Ctrl-C, it sends to both.
 */
function nodePort(): Port {
  process.on('disconnect', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  return {
    post: (message) => {
      process.send?.(message);
    },
    listen: (listener) => {
      process.on('message', (message: OrderMessage) => listener(message));
    },
  };
}

// Before everything else is loaded, which takes a while on a busy machine.
startHeartbeat();
const { serveTraining } = await import('./trainer.ts');
const parent = 'parentPort' in process ? (process.parentPort as ParentPort) : undefined;
await serveTraining(parent ? electronPort(parent) : nodePort());
if (!parent) {
  process.removeAllListeners('message');
  process.disconnect();
}
