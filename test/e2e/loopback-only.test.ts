/** What keeps the program on this machine in these tests does so, in the process and in those that it starts. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loopbackOnly } from './app.ts';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-strayed-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const WAYS = {
  fetch: "fetch('http://192.0.2.1/')",
  'a socket': "new Promise((y, n) => require('net').connect(80, '192.0.2.2', y).on('error', n))",
  'a secure socket':
    "new Promise((y, n) => require('tls').connect({ host: '192.0.2.3', port: 443 }, y).on('error', n))",
  'a name': "require('dns').promises.lookup('example.org')",
  'a datagram': "new Promise(() => require('dgram').createSocket('udp4').send('x', 53, '192.0.2.4'))",
  'a process of its own':
    "require('util').promisify(require('child_process').execFile)(process.execPath, ['-e', `fetch('http://192.0.2.5/').catch(() => process.exit(1))`])",
};

test.each(Object.entries(WAYS))('%s is refused and written down', async (name, way) => {
  const strayed = join(folder, name);
  const script = `(async () => ${way})().then(() => console.log('reached'), () => console.log('refused')); setTimeout(() => process.exit(), 20_000).unref()`;
  const { stdout } = await run(process.execPath, ['-e', script], { env: loopbackOnly(strayed) });
  expect(stdout.trim()).toBe('refused');
  expect((await readFile(strayed, 'utf8')).trim()).toMatch(/^(?:192\.0\.2\.\d|example\.org)$/u);
});

test('this machine is reached', async () => {
  const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const script = `fetch('http://127.0.0.1:${port}/').then((r) => r.text()).then(console.log)`;
  const { stdout } = await run(process.execPath, ['-e', script], { env: loopbackOnly(join(folder, 'none')) });
  server.close();
  expect(stdout.trim()).toBe('here');
  await expect(readFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
