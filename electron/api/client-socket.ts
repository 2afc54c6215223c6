/** The face's end in a browser: one socket, which is made anew when it is lost. */
import * as v from 'valibot';
import { fail, type Failure, type Result } from './call.ts';
import type { Channel, ChannelListener, ConnectionState, OpenChannel } from './client.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import { answerMessage, BEAT_MS, MAXIMUM_REQUEST_BYTES, type AnswerMessage, type RequestMessage } from './messages.ts';

/** What is used of a WebSocket, a browser's or another. */
export interface Socket {
  binaryType: string;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Milliseconds to wait before each further attempt; the last one holds on. */
const BACK_OFF_MS = [250, 500, 1000, 2000, 5000] as const;
/** A connection that is silent for this long, while the back beats, is lost. */
const SILENCE_MS = 3 * BEAT_MS;

const LOST: Failure = {
  code: 'disconnected',
  message: 'The connection to the program is lost.',
  hint: 'If the program has ended, start it again and open the address that it prints.',
};
const REFUSED: Failure = {
  code: 'disconnected',
  message: 'Unrolled was restarted.',
  hint: 'Open the address that it printed.',
};
const CLOSED: Failure = { code: 'disconnected', message: 'The connection to the program was closed.' };
const WHY = { disconnected: LOST, refused: REFUSED, closed: CLOSED } as const;

/**
 * `open` makes a socket that has not opened yet. `isRefused`: whether the back is there and refuses this page, which a
 * socket does not tell.
 */
export function socketChannel(
  open: () => Socket,
  isRefused: () => Promise<boolean> = () => Promise.resolve(false),
): OpenChannel {
  return (listener) => new SocketChannel(open, isRefused, listener);
}

class SocketChannel implements Channel {
  readonly #open: () => Socket;
  readonly #isRefused: () => Promise<boolean>;
  readonly #listener: ChannelListener;
  readonly #pending = new Map<number, (result: Result<unknown>) => void>();
  #state: ConnectionState = 'connecting';
  /** undefined between a loss and the next attempt. */
  #socket: Socket | undefined;
  /** Frames of calls made before the first connection. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #events: readonly string[] = [];
  #nextId = 0;
  #failures = 0;
  #heard = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(open: () => Socket, isRefused: () => Promise<boolean>, listener: ChannelListener) {
    this.#open = open;
    this.#isRefused = isRefused;
    this.#listener = listener;
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  call(name: string, args: unknown): Promise<Result<unknown>> {
    if (this.#state === 'disconnected' || this.#state === 'refused' || this.#state === 'closed') {
      return Promise.resolve({ ok: false, error: WHY[this.#state] });
    }
    const id = this.#nextId++;
    const frame = encodeFrame({ type: 'call', id, name, args } satisfies RequestMessage);
    if (frame.length > MAXIMUM_REQUEST_BYTES) {
      const limit = `${MAXIMUM_REQUEST_BYTES / 2 ** 20} MiB`;
      return Promise.resolve(fail('too-large', `The call ${name} holds ${frame.length} bytes; at most ${limit} pass.`));
    }
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      if (this.#state === 'connected') {
        this.#socket?.send(frame);
      } else {
        this.#waiting.push(frame);
      }
    });
  }

  listen(events: readonly string[]): void {
    this.#events = [...events];
    if (this.#state === 'connected') {
      this.#sendListen();
    }
  }

  close(): void {
    if (this.#state === 'closed') {
      return;
    }
    const socket = this.#socket;
    clearTimeout(this.#retry);
    this.#drop(CLOSED);
    this.#enter('closed');
    socket?.close();
  }

  #connect(): void {
    const socket = this.#open();
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    // A socket that was given up may still speak: it is heard no more.
    const isCurrent = (): boolean => this.#socket === socket;
    socket.addEventListener('open', () => {
      if (isCurrent()) {
        this.#opened(socket);
      }
    });
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent()) {
        this.#received(socket, data);
      }
    });
    socket.addEventListener('close', () => {
      if (isCurrent()) {
        this.#lost();
      }
    });
    // 'close' follows.
    socket.addEventListener('error', () => undefined);
  }

  #opened(socket: Socket): void {
    this.#failures = 0;
    this.#heard = true;
    this.#watch = setInterval(() => this.#listenForLife(socket), SILENCE_MS);
    this.#state = 'connected';
    if (this.#events.length > 0) {
      this.#sendListen();
    }
    for (const frame of this.#waiting.splice(0)) {
      socket.send(frame);
    }
    this.#listener.state('connected');
  }

  #listenForLife(socket: Socket): void {
    if (!this.#heard) {
      this.#lost();
      socket.close();
    }
    this.#heard = false;
  }

  #received(socket: Socket, data: unknown): void {
    this.#heard = true;
    let message: AnswerMessage;
    try {
      message = v.parse(answerMessage, decodeFrame(new Uint8Array(data as ArrayBuffer)));
    } catch {
      // Not the program that this page belongs to.
      this.#lost();
      socket.close();
      return;
    }
    switch (message.type) {
      case 'answer':
        this.#pending.get(message.id)?.(asResult(message.result));
        this.#pending.delete(message.id);
        break;
      case 'event':
        this.#listener.event(message.name, message.value);
        break;
      case 'beat':
        break;
    }
  }

  #lost(): void {
    this.#drop(LOST);
    const wait = BACK_OFF_MS[Math.min(this.#failures, BACK_OFF_MS.length - 1)];
    this.#failures++;
    this.#retry = setTimeout(() => this.#connect(), wait);
    // Whether a refusal is over is known with the next answer.
    if (this.#state !== 'refused') this.#enter('disconnected');
    void this.#askWhy(this.#failures);
  }

  /** Tells a back that refuses this page from one that is not there. It is tried further all the same. */
  async #askWhy(attempt: number): Promise<void> {
    const refused = await this.#isRefused().catch(() => false);
    const waits = this.#state === 'disconnected' || this.#state === 'refused';
    if (waits && this.#failures === attempt) this.#enter(refused ? 'refused' : 'disconnected');
  }

  /** Gives the socket up, and answers every call that waits. */
  #drop(error: Failure): void {
    clearInterval(this.#watch);
    this.#socket = undefined;
    this.#waiting = [];
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const resolve of pending) {
      resolve({ ok: false, error });
    }
  }

  #enter(state: ConnectionState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#listener.state(state);
    }
  }

  #sendListen(): void {
    this.#socket?.send(encodeFrame({ type: 'listen', events: [...this.#events] } satisfies RequestMessage));
  }
}

function asResult(result: Extract<AnswerMessage, { type: 'answer' }>['result']): Result<unknown> {
  return result.ok ? { ok: true, value: result.value } : result;
}
