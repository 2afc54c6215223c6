/** The app's own scheme, under which its pages come from the program and from nowhere else. */
import type { CustomScheme, Protocol } from 'electron';
import type { Assets } from '../assets.ts';
import { securityHeaders } from '../headers.ts';

const SCHEME = 'app';
const HOST = 'unrolled';

export const PAGE = `${SCHEME}://${HOST}/`;

/** To be registered before Electron is ready. Standard and secure: an origin of its own, that may share memory. */
export const SCHEMES: CustomScheme[] = [
  {
    scheme: SCHEME,
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
  },
];

/** Whether a page at this address is the app's own. */
export function isOurs(url: string): boolean {
  const address = URL.parse(url);
  return address?.protocol === `${SCHEME}:` && address.host === HOST;
}

/** Answers every request for an address of the scheme. */
export function serveScheme(protocol: Pick<Protocol, 'handle'>, assets: Assets): void {
  protocol.handle(SCHEME, (request) => answer(assets, request));
}

async function answer(assets: Assets, { url, method }: { url: string; method: string }): Promise<Response> {
  const asset = isOurs(url) && method === 'GET' ? await assets.find(new URL(url).pathname) : undefined;
  const headers = securityHeaders();
  return asset === undefined
    ? new Response('There is no such file here.\n', {
        status: 404,
        headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
      })
    : new Response(asset.bytes, {
        headers: { ...headers, 'Content-Type': asset.type, 'Cache-Control': asset.caching },
      });
}
