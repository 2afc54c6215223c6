/**
 * Electron's `protocol` and the session's `webRequest`: pages come from the app's own handler, through a server on
 * loopback that the desktop's browser can reach. So headers, security policy and isolation are the app's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { requireNotReady, requireReady } from './readiness.ts';

interface Scheme {
  readonly scheme: string;
  readonly privileges?: Readonly<Record<string, boolean>>;
}
type ProtocolHandler = (request: Request) => Response | Promise<Response>;
type RequestListener = (details: { readonly url: string }, decide: (answer: { cancel?: boolean }) => void) => void;

/** Without these a page of the scheme has no origin of its own, no secure context, or cannot fetch. */
const NEEDED = ['standard', 'secure', 'supportFetchAPI'];

export class Protocol {
  #schemes: readonly Scheme[] | undefined;
  readonly #handlers = new Map<string, ProtocolHandler>();
  readonly #addresses = new Map<string, Promise<string>>();
  #listener: RequestListener = (_details, decide) => decide({});

  registerSchemesAsPrivileged(schemes: readonly Scheme[]): void {
    requireNotReady('protocol.registerSchemesAsPrivileged should be called before app is ready');
    if (this.#schemes !== undefined) throw new Error('protocol.registerSchemesAsPrivileged can be called once only.');
    this.#schemes = schemes;
  }

  handle(scheme: string, handler: ProtocolHandler): void {
    requireReady('protocol.handle can only be called after app is ready');
    if (this.#handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`);
    this.#handlers.set(scheme, handler);
  }

  /** The session's one listener; a new one takes the place of the old one. */
  set requestListener(listener: RequestListener | null) {
    this.#listener = listener ?? ((_details, decide) => decide({}));
  }

  /** Whether the session lets a request go. */
  isAllowed(url: string): Promise<boolean> {
    return new Promise((resolve) => this.#listener({ url }, ({ cancel = false }) => resolve(!cancel)));
  }

  /** Where the desktop's browser finds what the app has at `url`. Throws as a failed load does. */
  async address(url: string): Promise<string> {
    const { protocol, host, pathname, search, hash } = new URL(url);
    const scheme = protocol.slice(0, -1);
    const privileges = this.#schemes?.find((known) => known.scheme === scheme)?.privileges;
    if (!this.#handlers.has(scheme) || !NEEDED.every((name) => privileges?.[name] === true)) {
      throw new Error(`ERR_UNKNOWN_URL_SCHEME (-302) loading '${url}'`);
    }
    const origin = `${protocol}//${host}`;
    let address = this.#addresses.get(origin);
    if (address === undefined) this.#addresses.set(origin, (address = this.#serve(origin, scheme)));
    return `${await address}${pathname}${search}${hash}`;
  }

  /** Begins to serve an origin of the app; resolves to its address on loopback. */
  #serve(origin: string, scheme: string): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(new URL(request.url ?? '/', `${origin}/`).href, scheme, request, response).catch(() => {
        response.destroy();
      });
    });
    server.unref();
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
  }

  async #answer(url: string, scheme: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handler = this.#handlers.get(scheme);
    if (handler === undefined || !(await this.isAllowed(url))) {
      response.destroy();
      return;
    }
    const answer = await handler(new Request(url, { method: request.method ?? 'GET' }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else Readable.fromWeb(answer.body).pipe(response);
  }
}
