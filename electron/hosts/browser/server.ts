/** The browser host: the page, the core and the socket on the loopback device, for one person. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { UnrolledError } from '../../../engine/errors.ts';
import { SOCKET_PATH } from '../../api/client-connect.ts';
import type { Dispatch } from '../../transport/dispatch.ts';
import type { EventSource } from '../../transport/event-hub.ts';
import { logDefect, type Log } from '../../transport/log.ts';
import { SocketServer } from '../../transport/socket-server.ts';
import type { Assets } from '../assets.ts';
import { securityHeaders } from '../headers.ts';
import { loopbackOrigins, type Origins } from './origins.ts';
import { Session } from './session.ts';

const LOOPBACK = '127.0.0.1';

export interface BrowserHostOptions {
  readonly dispatch: Dispatch;
  readonly events: EventSource;
  readonly assets: Assets;
  /** 0: any that is free. */
  readonly port: number;
  /** The one to take where it is free and `port` is 0. */
  readonly preferredPort?: number | undefined;
  readonly log?: Log;
}

export interface BrowserHost {
  readonly port: number;
  /** The address to tell the person, with the token. */
  readonly url: string;
  /** An address that serves once, for a command line. */
  onceUrl(): string;
  close(): Promise<void>;
}

/** Throws UnrolledError where the port cannot be had. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const { dispatch, events, assets, log = logDefect } = options;
  const server = createServer();
  const port = await listenSomewhere(server, options);
  const session = new Session(port);
  const origins = loopbackOrigins(port);
  const sockets = new SocketServer(dispatch, events, log);
  const desk = new Desk(assets, session, origins, log);
  server.on('request', (request, response) => void desk.answer(request, response));
  server.on('upgrade', (request, socket, head) => {
    if (desk.admitsSocket(request)) {
      sockets.accept(request, socket, head);
    } else {
      refuseSocket(socket);
    }
  });
  return {
    port,
    url: `http://${LOOPBACK}:${port}/?token=${session.token}`,
    onceUrl: () => `http://${LOOPBACK}:${port}/?code=${session.newCode()}`,
    close: () =>
      new Promise((resolve) => {
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listenSomewhere(server: Server, { port, preferredPort }: BrowserHostOptions): Promise<number> {
  if (port === 0 && preferredPort !== undefined) {
    try {
      return await listen(server, preferredPort);
    } catch {
      // Taken by another program meanwhile.
    }
  }
  return listen(server, port);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(port, error)));
    server.listen(port, LOOPBACK, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function portError(port: number, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new UnrolledError(
        'port-taken',
        `Port ${port} is taken by another program.`,
        'Choose another with --port, or leave it out: then any free one is taken.',
      );
    case 'EACCES':
      return new UnrolledError(
        'port-refused',
        `This system does not let you use port ${port}.`,
        'Choose one above 1023.',
      );
    default:
      return error;
  }
}

function refuseSocket(socket: Duplex): void {
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** Looks at requests one by one. */
class Desk {
  readonly #assets: Assets;
  readonly #session: Session;
  readonly #origins: Origins;
  readonly #log: Log;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(assets: Assets, session: Session, origins: Origins, log: Log) {
    this.#assets = assets;
    this.#session = session;
    this.#origins = origins;
    this.#log = log;
    this.#headers = securityHeaders(origins.sockets);
  }

  /** Whether a request for a socket comes from the page itself. */
  admitsSocket({ url, headers }: IncomingMessage): boolean {
    return (
      url === SOCKET_PATH &&
      this.#origins.isHost(headers.host) &&
      this.#origins.isOrigin(headers.origin) &&
      this.#session.isOpen(headers.cookie)
    );
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      this.#log(`the request ${request.method ?? ''} ${request.url ?? ''}`, error);
      response.destroy();
    }
  }

  async #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.#headers)) {
      response.setHeader(name, value);
    }
    const send = (status: number, type: string, body: string | Buffer, caching = 'no-store'): void => {
      response.writeHead(status, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': caching,
      });
      response.end(method === 'HEAD' ? undefined : body);
    };
    const say = (status: number, sentence: string): void => send(status, 'text/plain; charset=utf-8', `${sentence}\n`);

    if (!this.#origins.isHost(headers.host)) {
      say(421, 'Unrolled answers under the address that it printed when it started, and under no other name.');
      return;
    }
    if (headers.origin !== undefined && !this.#origins.isOrigin(headers.origin)) {
      say(403, 'Unrolled answers its own page only.');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      say(405, 'Unrolled is read by GET and HEAD; everything else goes through its socket.');
      return;
    }
    const [path = '', query = ''] = url.split('?', 2);
    const parameters = new URLSearchParams(path === '/' ? query : '');
    const token = parameters.get('token');
    const code = parameters.get('code');
    // Looking at it (HEAD) uses no code up.
    if (
      (token !== null && this.#session.isToken(token)) ||
      (code !== null && method === 'GET' && this.#session.useCode(code))
    ) {
      response.setHeader('Set-Cookie', this.#session.setCookie);
      send(200, 'text/html; charset=utf-8', ENTRY_PAGE);
      return;
    }
    if (!this.#session.isOpen(headers.cookie)) {
      if (code !== null) {
        say(403, CODE_USED);
        return;
      }
      say(403, 'Open the address that Unrolled printed when it started: it holds the key.');
      return;
    }
    const asset = await this.#assets.find(path);
    if (asset === undefined) {
      say(404, 'There is no such file here.');
      return;
    }
    send(200, asset.type, asset.bytes, asset.caching);
  }
}

const CODE_USED =
  'This address serves once, and it has been used. Open the address that Unrolled printed when it started. ' +
  'If nobody has used it here, another user of this computer may have: end Unrolled and start it again.';

/**
 * Goes on to the page by itself. A redirection would not do: where another site or program led here, the browser sends
 * no SameSite=Strict cookie along with it.
 */
const ENTRY_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="refresh" content="0; url=/" />
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <title>Unrolled</title>
  </head>
  <body>
    <a href="/">Unrolled</a>
  </body>
</html>
`;
