/** The browser host over real sockets: who gets in, what is served, under which headers. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SOCKET_PATH } from '../../../../electron/api/client-connect.ts';
import { createClient } from '../../../../electron/api/client.ts';
import { socketChannel } from '../../../../electron/api/client-socket.ts';
import { Assets } from '../../../../electron/hosts/assets.ts';
import { keepLastPort, readLastPort } from '../../../../electron/hosts/browser/last-port.ts';
import { Session } from '../../../../electron/hosts/browser/session.ts';
import { startBrowserHost, type BrowserHost } from '../../../../electron/hosts/browser/server.ts';
import { dispatch } from '../../../../electron/transport/dispatch.ts';
import { EventHub } from '../../../../electron/transport/event-hub.ts';
import { cases } from '../../../property-cases.ts';
import { testTransport } from '../../api/contract-suite.ts';
import { contract, createServices, events, type SmallContract, type SmallEvents } from '../../api/small-contract.ts';

const INDEX = '<!doctype html><title>Page</title>';
const WASM = Buffer.from('\0asm\u0001\0\0\0', 'latin1');

let folder: string;
let assets: Assets;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-host-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await mkdir(join(folder, 'core'));
  await writeFile(join(folder, 'renderer', 'index.html'), INDEX);
  await writeFile(join(folder, 'renderer', 'icon.svg'), '<svg/>');
  await writeFile(join(folder, 'renderer', 'assets', 'index-a1b2.js'), 'export {};');
  await writeFile(join(folder, 'renderer', 'assets', 'font.woff2'), 'font');
  await writeFile(join(folder, 'renderer', '.hidden.json'), '{}');
  await writeFile(join(folder, 'renderer', 'program.exe'), 'MZ');
  await writeFile(join(folder, 'core', 'relaxed.wasm'), WASM);
  await mkdir(join(folder, 'licenses'));
  await writeFile(join(folder, 'licenses', 'licenses.json'), '{}');
  await writeFile(join(folder, 'secret.json'), '{"secret": true}');
  assets = await Assets.open({
    renderer: join(folder, 'renderer'),
    core: join(folder, 'core'),
    licenses: join(folder, 'licenses'),
  });
});

afterAll(() => rm(folder, { recursive: true }));

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request that says exactly what it is told to say. */
function ask(host: BrowserHost, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: host.port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

const entryPath = (host: BrowserHost): string => host.url.slice(`http://127.0.0.1:${host.port}`.length);

/** The cookie that the printed address gives. */
async function cookieOf(host: BrowserHost): Promise<string> {
  const { headers } = await ask(host, entryPath(host));
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

function start(port = 0, preferredPort?: number): Promise<BrowserHost> {
  const answer = dispatch(contract, createServices());
  return startBrowserHost({ dispatch: answer, events: new EventHub(events), assets, port, preferredPort });
}

testTransport('the browser host', async (dispatchCall, hub) => {
  const host = await startBrowserHost({ dispatch: dispatchCall, events: hub, assets, port: 0 });
  const headers = { cookie: await cookieOf(host), origin: `http://127.0.0.1:${host.port}` };
  return {
    open: socketChannel(() => new WebSocket(`ws://127.0.0.1:${host.port}${SOCKET_PATH}`, { headers })),
    close: () => host.close(),
  };
});

describe('the browser host', () => {
  let host: BrowserHost;
  let cookie: string;

  beforeEach(async () => {
    host = await start();
    cookie = await cookieOf(host);
  });
  afterEach(() => host.close());

  test('listens on the loopback device, under an address that nobody can guess', async () => {
    expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/u);
    const other = await start();
    expect(other.url.split('token=')[1]).not.toBe(host.url.split('token=')[1]);
    await other.close();
  });

  test('gives a cookie for the token, and the page for the cookie', async () => {
    const entry = await ask(host, entryPath(host));
    expect(entry.status).toBe(200);
    expect(entry.headers['set-cookie']).toEqual([
      expect.stringMatching(/^unrolled-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u),
    ]);
    expect(entry.headers['cache-control']).toBe('no-store');
    expect(entry.body.toString()).toContain('<meta http-equiv="refresh" content="0; url=/" />');
    expect(entry.body.toString()).not.toContain(host.url.split('token=')[1]);
    // Otherwise a browser asks for /favicon.ico, which is not there.
    expect(entry.body.toString()).toContain('<link rel="icon" href="/icon.svg"');
    const page = await ask(host, '/', { cookie: `other=1; ${cookie}` });
    expect(page.status).toBe(200);
    expect(page.body.toString()).toBe(INDEX);
  });

  test('gives a cookie for a code once, and the printed address serves on', async () => {
    const path = host.onceUrl().slice(`http://127.0.0.1:${host.port}`.length);
    expect(path).not.toContain(host.url.split('token=')[1]);
    expect((await ask(host, path, {}, 'HEAD')).status).toBe(403);
    const first = await ask(host, path);
    expect(first.status).toBe(200);
    const given = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await ask(host, '/', { cookie: given })).status).toBe(200);
    const second = await ask(host, path);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.body.toString()).toMatch(/^This address serves once, and it has been used\./u);
    // Whoever has the cookie is let in, as where the page is loaded again.
    expect((await ask(host, path, { cookie: given })).status).toBe(200);
    expect((await ask(host, entryPath(host))).status).toBe(200);
    expect((await ask(host, entryPath(host))).status).toBe(200);
  });

  test('takes no code that is older than two minutes, and each code for itself', () => {
    const session = new Session(1);
    const [old, young] = [session.newCode(0), session.newCode(100_000)];
    expect(session.useCode('x', 0)).toBe(false);
    expect(session.useCode(old, 120_000)).toBe(false);
    expect(session.useCode(young, 120_000)).toBe(true);
    expect(session.useCode(young, 120_000)).toBe(false);
  });

  test.each([
    ['no cookie', '/', {}],
    ['a wrong token', '/?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', {}],
    ['an empty token', '/?token=', {}],
    ['a wrong cookie', '/', { cookie: 'unrolled-1=x; unrolled=' }],
    ['no cookie for the core', '/core/relaxed.wasm', {}],
  ])('keeps out who has %s', async (_name, path, headers) => {
    const answer = await ask(host, path, headers);
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('Open the address that Unrolled printed');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('takes no cookie of another host, nor of another port', async () => {
    const other = await start();
    const value = (await cookieOf(other)).split('=')[1] ?? '';
    for (const stolen of [`unrolled-${other.port}=${value}`, `unrolled-${host.port}=${value}`]) {
      expect((await ask(host, '/', { cookie: stolen })).status).toBe(403);
    }
    await other.close();
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost', '127.0.0.1:1', '[::1]:80'])(
    'answers under no other name: Host %s',
    async (name) => {
      const answer = await ask(host, entryPath(host), { host: name, cookie });
      expect(answer.status).toBe(421);
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );

  test('answers as localhost too', async () => {
    const name = `localhost:${host.port}`;
    expect((await ask(host, '/', { host: name, cookie, origin: `http://${name}` })).status).toBe(200);
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'answers no other page: Origin %s',
    async (origin) => {
      expect((await ask(host, '/', { cookie, origin })).status).toBe(403);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is read only: %s', async (method) => {
    const answer = await ask(host, '/', { cookie }, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  test.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/?view=runs', 'text/html; charset=utf-8', 'no-cache'],
    ['/icon.svg', 'image/svg+xml; charset=utf-8', 'no-cache'],
    ['/assets/index-a1b2.js', 'text/javascript; charset=utf-8', 'max-age=31536000, immutable'],
    ['/assets/font.woff2', 'font/woff2', 'max-age=31536000, immutable'],
    ['/core/relaxed.wasm', 'application/wasm', 'no-cache'],
    ['/licenses/licenses.json', 'application/json; charset=utf-8', 'no-cache'],
  ])('serves %s as %s', async (path, type, caching) => {
    const answer = await ask(host, path, { cookie });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['cache-control']).toBe(caching);
    expect(answer.body.length).toBe(Number(answer.headers['content-length']));
    const head = await ask(host, path, { cookie }, 'HEAD');
    expect({ ...head.headers, date: '' }).toEqual({ ...answer.headers, date: '' });
    expect(head.body.length).toBe(0);
  });

  test('serves the core byte for byte', async () => {
    expect((await ask(host, '/core/relaxed.wasm', { cookie })).body).toEqual(WASM);
  });

  test.each([
    '/missing.js',
    '/index',
    '/assets/',
    '/core/',
    '/core/../../secret.json',
    '/licenses/',
    '/licenses',
    '/licenses/../secret.json',
    '/licenses/licenses/licenses.json',
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%5c..%5c..%5csecret.json',
    '//secret.json',
    '/.hidden.json',
    '/index.html%00.js',
    '/%ff',
    '/program.exe',
    SOCKET_PATH,
  ])('has nothing at %s', async (path) => {
    const answer = await ask(host, path, { cookie });
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toBe('There is no such file here.\n');
  });

  test.each([
    ['the page', '/', true],
    ['the entry', 'entry', false],
    ['what is missing', '/missing.js', true],
    ['a refusal', '/', false],
  ])('says the same headers with %s', async (_name, path, known) => {
    const { headers } = await ask(host, path === 'entry' ? entryPath(host) : path, known ? { cookie } : {});
    const policy = headers['content-security-policy']?.toString() ?? '';
    expect(policy).toContain("default-src 'none';");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${host.port} ws://localhost:${host.port};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/u);
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  describe('opens a socket for its page only', () => {
    /** The HTTP status of a request for a socket. */
    async function knock(path: string, headers: Record<string, string>): Promise<number | undefined> {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });
      return new Promise((resolve) => {
        socket.on('error', () => undefined);
        socket.on('unexpected-response', (asked, response) => {
          resolve(response.statusCode);
          asked.destroy();
        });
        socket.on('open', () => {
          resolve(101);
          socket.terminate();
        });
      });
    }
    const origin = (): string => `http://127.0.0.1:${host.port}`;

    test('which has cookie and origin', async () => {
      expect(await knock(SOCKET_PATH, { cookie, origin: origin() })).toBe(101);
    });

    test.each<[string, () => [path: string, headers: Record<string, string>]]>([
      ['without a cookie', () => [SOCKET_PATH, { origin: origin() }]],
      ['with a wrong cookie', () => [SOCKET_PATH, { cookie: `unrolled-${host.port}=x`, origin: origin() }]],
      ['without an origin', () => [SOCKET_PATH, { cookie }]],
      ['of another origin', () => [SOCKET_PATH, { cookie, origin: 'http://evil.example' }]],
      ['of another port', () => [SOCKET_PATH, { cookie, origin: 'http://127.0.0.1:1' }]],
      ['under another name', () => [SOCKET_PATH, { cookie, origin: origin(), host: 'evil.example' }]],
      ['with the token in the address', () => [`${SOCKET_PATH}${entryPath(host).slice(1)}`, { origin: origin() }]],
      ['elsewhere', () => ['/', { cookie, origin: origin() }]],
    ])('not %s', async (_name, attempt) => {
      expect(await knock(...attempt())).toBe(403);
    });
  });

  property.prop([fc.string(), fc.string()], cases(100))('survives any path and cookie', async (path, words) => {
    const given = `${encodeURIComponent(words.toWellFormed())}; ${cookie}`;
    const answer = await ask(host, `/${encodeURI(path.toWellFormed())}`, { cookie: given });
    expect([200, 404]).toContain(answer.status);
  });

  test('ends at once, whoever is connected', async () => {
    const headers = { cookie, origin: `http://127.0.0.1:${host.port}` };
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${SOCKET_PATH}`, { headers });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await host.close();
    await closed;
    host = await start(host.port);
  });
});

test('a page notices that its host has ended', async () => {
  const first = await start();
  const headers = { cookie: await cookieOf(first), origin: `http://127.0.0.1:${first.port}` };
  const connection = createClient<SmallContract, SmallEvents>(
    contract,
    socketChannel(() => new WebSocket(`ws://127.0.0.1:${first.port}${SOCKET_PATH}`, { headers })),
  );
  const states: string[] = [];
  const lost = new Promise<void>((resolve) => {
    connection.onState((state) => {
      states.push(state);
      if (state === 'disconnected') {
        resolve();
      }
    });
  });
  expect(await connection.api.echo.any({ value: 1 })).toEqual({ ok: true, value: { value: 1 } });
  await first.close();
  await lost;
  expect(await connection.api.echo.any({ value: 1 })).toMatchObject({ ok: false, error: { code: 'disconnected' } });
  expect(states).toEqual(['connected', 'disconnected']);
  connection.close();
});

describe('the port', () => {
  test('of the last time is taken again, so that an open page finds the program and is let in by a new address', async () => {
    const first = await start();
    const old = await cookieOf(first);
    await first.close();
    const again = await start(0, first.port);
    expect(again.port).toBe(first.port);
    expect((await ask(again, '/', { cookie: old })).status).toBe(403);
    // The browser keeps the new cookie in place of the old one.
    const renewed = await cookieOf(again);
    expect(renewed.split('=')[0]).toBe(old.split('=')[0]);
    expect((await ask(again, '/', { cookie: renewed })).status).toBe(200);
    const other = await start(0, first.port);
    expect(other.port).not.toBe(first.port);
    await other.close();
    await again.close();
  });

  test('is kept in the workspace, and what is no port is none', async () => {
    keepLastPort(folder, 1234);
    expect(readLastPort(folder)).toBe(1234);
    await writeFile(join(folder, 'browser-port'), 'evil');
    expect(readLastPort(folder)).toBeUndefined();
    expect(readLastPort(join(folder, 'missing'))).toBeUndefined();
  });

  test('that was asked for is taken', async () => {
    const before = await start();
    await before.close();
    const host = await start(before.port);
    expect(host.port).toBe(before.port);
    await host.close();
  });

  test('that is taken already is said to be', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toMatchObject({
      code: 'port-taken',
      message: `Port ${port} is taken by another program.`,
    });
    other.close();
  });
});

test('a face that is not built is said to be missing', async () => {
  const renderer = join(folder, 'nowhere');
  await expect(Assets.open({ renderer, core: folder, licenses: folder })).rejects.toMatchObject({
    code: 'no-renderer',
    message: `The page is not built: there is no index.html in ${renderer}.`,
  });
});
