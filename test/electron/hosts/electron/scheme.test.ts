import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Protocol } from 'electron';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Assets } from '../../../../electron/hosts/assets.ts';
import { isOurs, PAGE, SCHEMES, serveScheme } from '../../../../electron/hosts/electron/scheme.ts';

test.each([
  [PAGE, true],
  ['app://unrolled/index.html#/runs', true],
  ['app://unrolled.evil.example/', false],
  ['app://other/', false],
  ['app:unrolled', false],
  ['https://unrolled/', false],
  ['file:///unrolled/', false],
  ['data:text/html,app://unrolled/', false],
  ['', false],
])('%s is the address of a page of ours: %s', (url, ours) => {
  expect(isOurs(url)).toBe(ours);
});

test('the scheme is an origin of its own, under which shared memory and modules work', () => {
  expect(SCHEMES).toEqual([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
});

describe('the protocol', () => {
  let folder: string;
  let ask: (url: string, method?: string) => Promise<Response>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unrolled-scheme-'));
    await mkdir(join(folder, 'renderer'));
    await mkdir(join(folder, 'core'));
    await writeFile(join(folder, 'renderer', 'index.html'), '<title>Page</title>');
    await writeFile(join(folder, 'core', 'relaxed.wasm'), '\0asm');
    await mkdir(join(folder, 'licenses'));
    await writeFile(join(folder, 'licenses', 'licenses.txt'), 'MIT');
    await writeFile(join(folder, 'secret.json'), '{}');
    const handlers = new Map<string, Parameters<Protocol['handle']>[1]>();
    serveScheme(
      { handle: (scheme, handler) => void handlers.set(scheme, handler) },
      await Assets.open({
        renderer: join(folder, 'renderer'),
        core: join(folder, 'core'),
        licenses: join(folder, 'licenses'),
      }),
    );
    ask = async (url, method = 'GET') => {
      const handler = handlers.get('app');
      if (handler === undefined) {
        throw new Error('Nothing handles the scheme.');
      }
      return handler(new Request(url, { method }));
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    [PAGE, 'text/html; charset=utf-8', '<title>Page</title>'],
    [`${PAGE}?view=runs`, 'text/html; charset=utf-8', '<title>Page</title>'],
    [`${PAGE}core/relaxed.wasm`, 'application/wasm', '\0asm'],
    [`${PAGE}licenses/licenses.txt`, 'text/plain; charset=utf-8', 'MIT'],
  ])('serves %s', async (url, type, text) => {
    const response = await ask(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toBe(text);
  });

  test.each([
    [`${PAGE}missing.js`, 'GET'],
    [`${PAGE}%2e%2e/secret.json`, 'GET'],
    [`${PAGE}core/..%2f..%2fsecret.json`, 'GET'],
    ['app://other/index.html', 'GET'],
    [PAGE, 'POST'],
  ])('has nothing at %s for %s', async (url, method) => {
    const response = await ask(url, method);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('There is no such file here.\n');
  });

  test.each([PAGE, `${PAGE}missing.js`])('says the headers of the browser host with %s', async (url) => {
    const { headers } = await ask(url);
    expect(headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
    );
    expect(headers.get('content-security-policy')).toContain("connect-src 'self';");
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
