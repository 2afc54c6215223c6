/** The entry of a process that trains one run: a child process of Node's, or a utility process of Electron's. */
import { startHeartbeat } from './heartbeat.ts';
import type { OrderMessage, TrainingMessage } from './messages.ts';
import type { Port } from './trainer.ts';

/** What Electron gives a utility process in place of Node's channel. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** Milliseconds that the host may take to acknowledge the last message. */
const ACKNOWLEDGMENT_MS = 5000;

/** A utility process does not end by itself, and messages that are still on their way are lost when it exits. */
class ElectronPort implements Port {
  readonly #parent: ParentPort;
  readonly #acknowledged = Promise.withResolvers<undefined>();
  #ended = false;

  constructor(parent: ParentPort) {
    this.#parent = parent;
  }

  post(message: TrainingMessage): void {
    this.#ended = message.kind === 'ended' || message.kind === 'failed';
    this.#parent.postMessage(message);
  }

  listen(listener: (message: unknown) => void): void {
    this.#parent.on('message', ({ data }) => {
      listener(data);
      if (this.#ended && (data as OrderMessage).kind === 'recorded') this.#acknowledged.resolve(undefined);
    });
  }

  /** Ends the process once the host has the last message. */
  async exit(): Promise<never> {
    setTimeout(() => this.#acknowledged.resolve(undefined), ACKNOWLEDGMENT_MS);
    await this.#acknowledged.promise;
    process.exit(0);
  }
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
if (parent) {
  const port = new ElectronPort(parent);
  await serveTraining(port);
  await port.exit();
} else {
  await serveTraining(nodePort());
  process.removeAllListeners('message');
  process.disconnect();
}
