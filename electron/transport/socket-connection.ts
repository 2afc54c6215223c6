/** One face at the other end of a socket: its calls answered, its events told, its liveness watched. */
import * as v from 'valibot';
import type { RawData, WebSocket } from 'ws';
import { fail, type Result } from '../api/call.ts';
import { decodeFrame, encodeFrame, FrameError } from '../api/frame.ts';
import {
  MAXIMUM_ANSWER_BYTES,
  MAXIMUM_CALLS,
  requestMessage,
  type AnswerMessage,
  type RequestMessage,
} from '../api/messages.ts';
import type { Dispatch } from './dispatch.ts';
import type { EventSource } from './event-hub.ts';
import type { Log } from './log.ts';

/** Events that the other end has not taken yet; with more it is given up, and reads everything anew when it returns. */
const MAXIMUM_WAITING_EVENTS = 10_000;

/**
 * Bytes of answers that are being made or were not taken yet. A call that would go beyond the first number is held back;
 * while more than the second was not taken, nothing is read, so that whoever calls without reading waits; beyond the third
 * the connection is given up.
 */
const FULL_BYTES = 32 * 2 ** 20;
const UNREAD_BYTES = 16 * 2 ** 20;
const MAXIMUM_WAITING_BYTES = 256 * 2 ** 20;
/** What the first answer to a call may be expected to have; later ones are expected to be as large as the largest so far. */
const EXPECTED_BYTES = 2 * 2 ** 20;

/** Close codes of https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 and the registry it founds. */
const CLOSE = { unsupported: 1003, malformed: 1007, refused: 1008, tooSlow: 1013 } as const;

/** A page that is closed or loaded again is gone before its socket says so. */
function isFaceGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

interface HeldCall {
  readonly id: number;
  readonly name: string;
  readonly args: unknown;
}

export interface ConnectionOptions {
  readonly dispatch: Dispatch;
  readonly events: EventSource;
  readonly log: Log;
}

export class SocketConnection {
  readonly #socket: WebSocket;
  readonly #dispatch: Dispatch;
  readonly #log: Log;
  readonly #knownEvents: ReadonlySet<string>;
  readonly #callsInFlight = new Set<number>();
  #listensTo: ReadonlySet<string> = new Set();
  #waitingEvents = 0;
  #waitingBytes = 0;
  /** How many calls of a name were begun and are not answered yet. */
  readonly #running = new Map<string, number>();
  /** The largest answer to each call so far. */
  readonly #largest = new Map<string, number>();
  /** Calls that came while too much waited to be taken, in their order. */
  readonly #held: HeldCall[] = [];
  #alive = true;

  constructor(socket: WebSocket, { dispatch, events, log }: ConnectionOptions) {
    this.#socket = socket;
    this.#dispatch = dispatch;
    this.#log = log;
    this.#knownEvents = new Set(events.names);
    const unsubscribe = events.subscribe((name, value) => this.#tell(name, value));
    socket.on('message', (data, isBinary) => this.#received(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('close', unsubscribe);
    // Of the peer's making (a frame that is none, a lost link); 'close' follows.
    socket.on('error', () => undefined);
  }

  /** Shows that the back lives; gives up a face that has not shown the same since the last time. */
  beat(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
    this.#send(encodeFrame({ type: 'beat' } satisfies AnswerMessage));
  }

  #received(data: RawData, isBinary: boolean): void {
    if (!isBinary) {
      this.#socket.close(CLOSE.unsupported, 'messages are binary frames');
      return;
    }
    let message: RequestMessage;
    try {
      message = v.parse(requestMessage, decodeFrame(data as Buffer<ArrayBuffer>));
    } catch (error) {
      const reason = error instanceof FrameError ? error.message : 'this is not a request';
      this.#socket.close(CLOSE.malformed, reason);
      return;
    }
    switch (message.type) {
      case 'call':
        this.#call(message.id, message.name, message.args);
        break;
      case 'listen':
        this.#listensTo = new Set(message.events.filter((name) => this.#knownEvents.has(name)));
        break;
    }
  }

  #call(id: number, name: string, args: unknown): void {
    if (this.#callsInFlight.has(id)) {
      this.#socket.close(CLOSE.refused, 'two calls in flight have one id');
      return;
    }
    if (this.#callsInFlight.size >= MAXIMUM_CALLS) {
      this.#answer(
        id,
        name,
        fail('busy', `More than ${MAXIMUM_CALLS} calls wait for their answers.`, 'Call again later.'),
      );
      return;
    }
    // Until its answer has been taken: what has been answered and not taken is held in memory.
    this.#callsInFlight.add(id);
    this.#held.push({ id, name, args });
    this.#beginHeld();
  }

  /** Begins the calls whose answers there is room for, and reads on where none is left. */
  #beginHeld(): void {
    for (let call = this.#held[0]; call !== undefined; call = this.#held[0]) {
      const busy = this.#expectedBytes + this.#waitingBytes;
      if (busy > 0 && busy + this.#expected(call.name) > FULL_BYTES) {
        return;
      }
      this.#held.shift();
      this.#begin(call);
    }
  }

  #begin({ id, name, args }: HeldCall): void {
    this.#count(name, 1);
    void this.#dispatch(name, args).then((result) => {
      this.#count(name, -1);
      this.#answer(id, name, result, () => this.#callsInFlight.delete(id));
      this.#beginHeld();
    });
  }

  #count(name: string, change: number): void {
    const running = (this.#running.get(name) ?? 0) + change;
    if (running > 0) {
      this.#running.set(name, running);
    } else {
      this.#running.delete(name);
    }
  }

  get #expectedBytes(): number {
    let bytes = 0;
    for (const [name, running] of this.#running) {
      bytes += running * this.#expected(name);
    }
    return bytes;
  }

  #expected(name: string): number {
    return this.#largest.get(name) ?? EXPECTED_BYTES;
  }

  /** `taken`: of a call that was begun. */
  #answer(id: number, name: string, result: Result<unknown>, taken?: () => void): void {
    const frame = encodeFrame({ type: 'answer', id, result } satisfies AnswerMessage);
    if (taken !== undefined) {
      this.#largest.set(name, Math.max(this.#largest.get(name) ?? 0, frame.length));
    }
    if (frame.length <= MAXIMUM_ANSWER_BYTES) {
      this.#send(frame, taken);
    } else {
      const limit = `${MAXIMUM_ANSWER_BYTES / 2 ** 30} GiB`;
      const failure = fail('too-large', `The answer to ${name} is larger than ${limit}, which is what passes.`);
      this.#answer(id, name, failure, taken);
    }
  }

  #tell(name: string, value: unknown): void {
    if (!this.#listensTo.has(name)) {
      return;
    }
    if (this.#waitingEvents >= MAXIMUM_WAITING_EVENTS) {
      this.#giveUp('events are not taken');
      return;
    }
    this.#waitingEvents++;
    this.#send(encodeFrame({ type: 'event', name, value } satisfies AnswerMessage), () => {
      this.#waitingEvents--;
    });
  }

  #giveUp(reason: string): void {
    this.#socket.close(CLOSE.tooSlow, reason);
    this.#socket.terminate();
  }

  /** Into the void where the socket is closed already. */
  #send(frame: Uint8Array, sent?: () => void): void {
    // One answer may be as large as it likes, where nothing else waits.
    if (this.#waitingBytes > 0 && this.#waitingBytes + frame.length > MAXIMUM_WAITING_BYTES) {
      this.#giveUp('answers are not taken');
      return;
    }
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > UNREAD_BYTES) {
      this.#socket.pause();
    }
    this.#socket.send(frame, { binary: true }, (error) => {
      this.#waitingBytes -= frame.length;
      // While nothing is read, what is taken is the only sign of life.
      this.#alive ||= this.#socket.isPaused;
      if (this.#socket.isPaused && this.#waitingBytes <= UNREAD_BYTES) {
        this.#socket.resume();
      }
      sent?.();
      this.#beginHeld();
      if (error && this.#socket.readyState === this.#socket.OPEN && !isFaceGone(error)) {
        this.#log('a socket', error);
      }
    });
  }
}
