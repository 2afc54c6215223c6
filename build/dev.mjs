/**
 * Serves the page from its sources, with hot reload, beside a host that runs the program: `npm run dev -- [FLAGS]`, with
 * the flags of `npm start` (`--workspace DIR` keeps it away from your own runs). Changes of renderer/ and engine/ show
 * in the page at once; changes of electron/ need a restart.
 *
 * Vite hands on what only the host can answer: the entry with its token, the core and the socket. The browser keeps the
 * host's cookie, so the host decides who may talk to it, as it always does; requests of other sites keep their origin
 * and are refused. The security policy differs in one point: Vite puts styles into the page as <style> elements.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { SOCKET_PATH } from '../electron/api/client-connect.ts';
import { securityHeaders } from '../electron/hosts/headers.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LOOPBACK = '127.0.0.1';
const PORT = 5173;

/**
 * Starts the host and waits until it tells its address.
 * @param {readonly string[]} args
 */
async function startHost(args) {
  const host = spawn(process.execPath, ['electron/launch.ts', '--serve', '--no-open', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  host.stdout.setEncoding('utf8');
  for await (const text of host.stdout) {
    printed += String(text);
    const [address] = /http:\/\/\S+/u.exec(printed) ?? [];
    if (address !== undefined) return { host, address: new URL(address) };
  }
  process.stderr.write(printed);
  return undefined;
}

/**
 * @param {URL} address Of the host.
 * @param {number} port
 */
async function startPage({ origin }, port) {
  const page = `http://${LOOPBACK}:${port}`;
  const headers = { ...securityHeaders([`ws://${LOOPBACK}:${port}`]) };
  const policy = headers['Content-Security-Policy'] ?? '';
  headers['Content-Security-Policy'] = policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
  /** @type {import('vite').ProxyOptions} */
  const toHost = {
    target: origin,
    changeOrigin: true,
    configure(proxy) {
      // The page's own origin, and no other, becomes the host's.
      /** @type {(request: import('node:http').ClientRequest, incoming: import('node:http').IncomingMessage) => void} */
      const rename = (request, { headers: { origin: from } }) => {
        if (from === page) request.setHeader('Origin', origin);
      };
      proxy.on('proxyReq', rename);
      proxy.on('proxyReqWs', rename);
    },
  };
  const server = await createServer({
    configFile: join(root, 'vite.config.ts'),
    server: {
      host: LOOPBACK,
      port,
      strictPort: true,
      headers,
      fs: { allow: [root] },
      proxy: { '^/\\?token=': toHost, '/core/': toHost, [SOCKET_PATH]: { ...toHost, ws: true } },
    },
  });
  await server.listen();
  return { server, page };
}

const started = await startHost(process.argv.slice(2));
if (started === undefined) {
  process.exitCode = 1;
} else {
  const { host, address } = started;
  const { server, page } = await startPage(address, PORT);
  console.log(`Open ${page}/${address.search}`);
  console.log('Ctrl-C ends it.');
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => host.kill(signal));
  if (host.exitCode === null && host.signalCode === null) await once(host, 'exit');
  await server.close();
}
