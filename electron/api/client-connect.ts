/** How a page reaches the program that it belongs to. */
import type { Bridge } from './client-bridge.ts';
import { bridgeChannel, BRIDGE_NAME } from './client-bridge.ts';
import { createClient, type Connection } from './client.ts';
import { socketChannel } from './client-socket.ts';
import { contract, type events } from './contract.ts';

/** Where the browser host takes sockets. */
export const SOCKET_PATH = '/api';

/** The status of what the browser host answers to a page without its key. */
const FORBIDDEN = 403;

export type ProgramConnection = Connection<typeof contract, typeof events>;

/** What is used of a page's globals. */
interface Page {
  readonly [BRIDGE_NAME]?: Bridge;
  readonly location: { readonly protocol: string; readonly host: string };
}

/** Through the bridge where the preload script has put one, else through a socket to where the page came from. */
export function connect(): ProgramConnection {
  const page = globalThis as unknown as Page;
  const bridge = page[BRIDGE_NAME];
  if (bridge !== undefined) {
    return createClient(contract, bridgeChannel(bridge));
  }
  const { protocol, host } = page.location;
  const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${SOCKET_PATH}`;
  return createClient(
    contract,
    socketChannel(
      () => new WebSocket(address),
      async () => (await fetch('/', { method: 'HEAD', cache: 'no-store' })).status === FORBIDDEN,
    ),
  );
}
