/** The contract over WebSockets. Who may connect is for the HTTP server to decide, before it hands a request over. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { BEAT_MS, MAXIMUM_REQUEST_BYTES } from '../api/messages.ts';
import type { Dispatch } from './dispatch.ts';
import type { EventSource } from './event-hub.ts';
import { logDefect, type Log } from './log.ts';
import { SocketConnection } from './socket-connection.ts';

/** Windows and tabs at a time. */
export const MAXIMUM_CONNECTIONS = 64;

const TRY_AGAIN_LATER = 1013;
const GOING_AWAY = 1001;

export class SocketServer {
  readonly #dispatch: Dispatch;
  readonly #events: EventSource;
  readonly #log: Log;
  readonly #connections = new Set<SocketConnection>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAXIMUM_REQUEST_BYTES,
    perMessageDeflate: false,
  });
  readonly #heart: NodeJS.Timeout;

  constructor(dispatch: Dispatch, events: EventSource, log: Log = logDefect) {
    this.#dispatch = dispatch;
    this.#events = events;
    this.#log = log;
    this.#heart = setInterval(() => {
      for (const connection of this.#connections) {
        connection.beat();
      }
    }, BEAT_MS);
    this.#heart.unref();
  }

  /** Makes a connection of an HTTP server's 'upgrade' event. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      if (this.#connections.size >= MAXIMUM_CONNECTIONS) {
        webSocket.on('error', () => undefined);
        webSocket.close(TRY_AGAIN_LATER, `there are ${MAXIMUM_CONNECTIONS} connections already`);
        return;
      }
      const connection = new SocketConnection(webSocket, {
        dispatch: this.#dispatch,
        events: this.#events,
        log: this.#log,
      });
      this.#connections.add(connection);
      webSocket.on('close', () => {
        this.#connections.delete(connection);
      });
    });
  }

  /** Ends every connection and takes no more. */
  close(): void {
    clearInterval(this.#heart);
    for (const webSocket of this.#server.clients) {
      webSocket.close(GOING_AWAY, 'the program ends');
      webSocket.terminate();
    }
    this.#server.close();
  }
}
