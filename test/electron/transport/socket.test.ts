import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { socketChannel } from '../../../electron/api/client-socket.ts';
import { SocketServer } from '../../../electron/transport/socket-server.ts';
import { testTransport } from '../api/contract-suite.ts';

testTransport('a WebSocket', async (dispatch, hub) => {
  const sockets = new SocketServer(dispatch, hub);
  const http: Server = createServer();
  http.on('upgrade', (request, socket, head) => sockets.accept(request, socket, head));
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    open: socketChannel(() => new WebSocket(`ws://127.0.0.1:${port}`)),
    close: () =>
      new Promise((resolve) => {
        sockets.close();
        http.close(() => resolve());
      }),
  };
});
