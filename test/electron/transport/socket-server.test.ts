/** The back's end of a socket against faces that do not behave. */
import { createServer, type Server } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fc } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../../electron/api/frame.ts';
import { BEAT_MS, MAXIMUM_CALLS, MAXIMUM_REQUEST_BYTES } from '../../../electron/api/messages.ts';
import { dispatch } from '../../../electron/transport/dispatch.ts';
import { SocketConnection } from '../../../electron/transport/socket-connection.ts';
import { EventHub } from '../../../electron/transport/event-hub.ts';
import { MAXIMUM_CONNECTIONS, SocketServer } from '../../../electron/transport/socket-server.ts';
import { cases } from '../../property-cases.ts';
import { contract, createServices, events, type SmallServices } from '../api/small-contract.ts';

let services: SmallServices;
let hub: EventHub<typeof events>;
let http: Server;
let sockets: SocketServer;
let address: string;
let logged: unknown[];

beforeEach(async () => {
  logged = [];
  const log = (where: string, error: unknown): void => {
    logged.push(where, error);
  };
  services = createServices();
  hub = new EventHub(events, log);
  http = createServer();
  sockets = new SocketServer(dispatch(contract, services, log), hub, log);
  http.on('upgrade', (request, socket, head) => sockets.accept(request, socket, head));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  address = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  sockets.close();
  http.close();
  await once(http, 'close');
});

/** A face that says whatever it likes. */
class Rogue {
  readonly socket: WebSocket;
  readonly messages: unknown[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #arrived = Promise.withResolvers<undefined>();

  constructor(options: { autoPong?: boolean } = {}) {
    this.socket = new WebSocket(address, options);
    this.socket.binaryType = 'arraybuffer';
    this.socket.on('message', (data) => {
      this.messages.push(decodeFrame(new Uint8Array(data as ArrayBuffer)));
      this.#arrived.resolve(undefined);
      this.#arrived = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#arrived.resolve(undefined);
      });
    });
    this.socket.on('error', () => undefined);
  }

  async open(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  send(message: unknown): void {
    this.socket.send(encodeFrame(message));
  }

  /** Until `found` finds what it looks for among the messages, or the connection is closed. */
  async until<T>(found: (messages: readonly unknown[]) => T | undefined): Promise<T | 'closed'> {
    for (;;) {
      const result = found(this.messages);
      if (result !== undefined) {
        return result;
      }
      if (this.socket.readyState === WebSocket.CLOSED) {
        return 'closed';
      }
      await this.#arrived.promise;
    }
  }

  async answer(id: number): Promise<unknown> {
    return this.until((messages) => messages.find((message) => (message as { id?: unknown }).id === id));
  }
}

/** Another face is served as if nothing had been. */
async function expectHealthy(): Promise<void> {
  const face = await new Rogue().open();
  face.send({ type: 'call', id: 1, name: 'echo.any', args: { value: 'well' } });
  expect(await face.answer(1)).toEqual({
    type: 'answer',
    id: 1,
    result: { ok: true, value: { value: 'well' } },
  });
  face.socket.terminate();
}

describe('a face is shown out that', () => {
  test.each<[string, Buffer | string | Uint8Array, number, RegExp]>([
    ['speaks text', 'hello', 1003, /binary frames/],
    ['sends nothing', Buffer.alloc(0), 1007, /at least 4 bytes/],
    ['sends no frame', Buffer.from('hello'), 1007, /header/],
    ['sends another message', encodeFrame({ type: 'greeting' }), 1007, /not a request/],
    ['calls without an id', encodeFrame({ type: 'call', name: 'echo.any', args: {} }), 1007, /not a request/],
    [
      'calls with an id that is none',
      encodeFrame({ type: 'call', id: -1, name: 'a', args: {} }),
      1007,
      /not a request/,
    ],
    ['calls with an endless name', encodeFrame({ type: 'call', id: 1, name: 'a'.repeat(201) }), 1007, /not a request/],
    ['adds a field', encodeFrame({ type: 'call', id: 1, name: 'a', args: {}, more: 1 }), 1007, /not a request/],
    ['listens to what is no name', encodeFrame({ type: 'listen', events: [1] }), 1007, /not a request/],
    ['listens to far too much', encodeFrame({ type: 'listen', events: Array(201).fill('a') }), 1007, /not a request/],
    ['sends more than fits', new Uint8Array(MAXIMUM_REQUEST_BYTES + 1), 1009, /^$/],
  ])('%s', async (_name, data, code, reason) => {
    const face = await new Rogue().open();
    face.socket.send(data);
    const closed = await face.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason).toMatch(reason);
    await expectHealthy();
    expect(logged).toEqual([]);
  });

  test('uses one id for two calls in flight', async () => {
    const face = await new Rogue().open();
    face.send({ type: 'call', id: 4, name: 'later.wait', args: { number: 1 } });
    face.send({ type: 'call', id: 4, name: 'later.wait', args: { number: 2 } });
    expect(await face.closed).toEqual({ code: 1008, reason: 'two calls in flight have one id' });
    // Its first call ends after it has left.
    await services.release(1);
    await expectHealthy();
    expect(logged).toEqual([]);
  });

  test('breaks the protocol below the messages', async () => {
    const face = await new Rogue().open();
    const raw = (face.socket as unknown as { _socket: NodeJS.WritableStream })._socket;
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect((await face.closed).code).toBe(1002);
    await expectHealthy();
  });
});

test('more calls at once than are served fail as busy, and an id serves again when it is answered', async () => {
  const face = await new Rogue().open();
  for (let id = 0; id <= MAXIMUM_CALLS; id++) {
    face.send({ type: 'call', id, name: 'later.wait', args: { number: id } });
  }
  expect(await face.answer(MAXIMUM_CALLS)).toEqual({
    type: 'answer',
    id: MAXIMUM_CALLS,
    result: {
      ok: false,
      error: { code: 'busy', message: 'More than 64 calls wait for their answers.', hint: 'Call again later.' },
    },
  });
  await services.release(3);
  expect(await face.answer(3)).toMatchObject({ result: { ok: true, value: { number: 3 } } });
  face.send({ type: 'call', id: 3, name: 'echo.any', args: { value: 1 } });
  const again = await face.until((messages) =>
    messages.find((message) => JSON.stringify(message).includes('"value":{"value":1}')),
  );
  expect(again).toMatchObject({ id: 3, result: { ok: true } });
  face.socket.terminate();
});

/** As large as a small model's checkpoint. */
const ANSWER = 2_900_000;

interface TestAnswer {
  readonly type: string;
  readonly id: number;
  readonly result: { readonly ok: boolean; readonly error?: { readonly code: string } };
}

test('a face that calls and does not read is not worked for, and served again when it reads', async () => {
  let begun = 0;
  const bytes = new Uint8Array(ANSWER);
  const large = { ...services, echo: { ...services.echo, any: () => ({ value: (begun++, bytes) }) } };
  sockets.close();
  sockets = new SocketServer(dispatch(contract, large), hub);
  const face = await new Rogue().open();
  const other = await new Rogue().open();
  face.socket.pause();
  const calls = 2000;
  for (let id = 0; id < calls; id++) {
    face.send({ type: 'call', id, name: 'echo.any', args: { value: 0 } });
  }
  await expect.poll(() => begun).toBeGreaterThan(4);
  for (let id = 0; id < 50; id++) {
    other.send({ type: 'call', id, name: 'fail.person', args: { hint: false } });
    await other.answer(id);
  }
  // What the kernel has taken counts as read, and what was begun before the first answer told of its size is bounded too.
  expect(begun * ANSWER).toBeLessThan(80e6);
  face.socket.resume();
  const answers = await face.until((messages) => {
    const found = (messages as TestAnswer[]).filter(({ type }) => type === 'answer');
    return found.length >= calls ? found : undefined;
  });
  if (answers === 'closed') throw new Error('The connection was closed.');
  expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: calls }, (_, id) => id));
  expect(answers.filter(({ result }) => result.ok).length).toBe(begun);
  expect(answers.every(({ result }) => result.ok || result.error?.code === 'busy')).toBe(true);
  face.socket.terminate();
  other.socket.terminate();
});

test('a face for which more waits than may is given up', async () => {
  const waiting: (() => void)[] = [];
  const bytes = new Uint8Array(40 * 2 ** 20);
  const large = {
    ...services,
    echo: {
      ...services.echo,
      any: () => new Promise<{ value: unknown }>((resolve) => waiting.push(() => resolve({ value: bytes }))),
    },
  };
  sockets.close();
  sockets = new SocketServer(dispatch(contract, large), hub);
  const face = await new Rogue().open();
  for (let id = 0; id < 10; id++) {
    face.send({ type: 'call', id, name: 'echo.any', args: { value: 0 } });
  }
  await expect.poll(() => waiting.length).toBe(10);
  face.socket.pause();
  for (const answer of waiting) answer();
  face.socket.resume();
  expect((await face.closed).code).toBe(1006);
  expect(face.messages.length).toBeLessThan(10);
});

test.each([
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
])('a call of a million %s within each other is shown out before it is read', async (_what, open, close) => {
  const face = await new Rogue().open();
  const inner = open === '[' ? '' : '0';
  const args = `${open.repeat(1_000_000)}${inner}${close.repeat(1_000_000)}`;
  const json = `{"message":{"type":"call","id":1,"name":"echo.any","args":${args}},"arrays":[]}`;
  face.socket.send(frameOf(json));
  const closed = await face.closed;
  expect(closed.code).toBe(1007);
  expect(closed.reason).toBe('the header holds more than 100 lists and objects within each other');
  await expectHealthy();
});

test('a call that is a little too deep is refused, in a short sentence', async () => {
  const face = await new Rogue().open();
  const key = 'k'.repeat(1000);
  const args = `${`{"${key}":`.repeat(70)}0${'}'.repeat(70)}`;
  face.socket.send(
    frameOf(`{"message":{"type":"call","id":1,"name":"echo.any","args":{"value":${args}}},"arrays":[]}`),
  );
  const answer = (await face.answer(1)) as { result: { error: { code: string; message: string } } };
  expect(answer.result.error.code).toBe('bad-request');
  expect(answer.result.error.message).toContain('is more than 64 lists and objects deep');
  expect(answer.result.error.message.length).toBeLessThan(600);
  face.socket.terminate();
});

/** A frame whose header is this text, whatever it is. */
function frameOf(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const frame = new Uint8Array(4 + text.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  return frame;
}

test('connections have a bound', async () => {
  const faces = await Promise.all(Array.from({ length: MAXIMUM_CONNECTIONS }, () => new Rogue().open()));
  const tooMany = new Rogue();
  expect(await tooMany.closed).toEqual({ code: 1013, reason: 'there are 64 connections already' });
  faces[0]?.socket.close();
  await faces[0]?.closed;
  await expectHealthy();
  for (const face of faces) {
    face.socket.terminate();
  }
});

test('events that there are not are not listened to, and a second list takes the place of the first', async () => {
  const face = await new Rogue().open();
  face.send({ type: 'listen', events: ['tick', 'tock', '__proto__'] });
  face.send({ type: 'listen', events: ['curve'] });
  face.send({ type: 'call', id: 1, name: 'echo.any', args: {} });
  await face.answer(1);
  hub.emit('tick', { count: 1 });
  hub.emit('curve', { values: Float32Array.of(2) });
  face.send({ type: 'call', id: 2, name: 'echo.any', args: {} });
  await face.answer(2);
  const told = face.messages.filter((message) => (message as { type: string }).type === 'event');
  expect(told).toEqual([{ type: 'event', name: 'curve', value: { values: Float32Array.of(2) } }]);
  face.socket.terminate();
});

describe('the heart', () => {
  beforeEach(() => {
    sockets.close();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    sockets = new SocketServer(dispatch(contract, services), hub);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('beats for those who answer, and gives up those who do not', async () => {
    const alive = await new Rogue().open();
    const dead = await new Rogue({ autoPong: false }).open();
    for (let beat = 1; beat <= 3; beat++) {
      // The answer to the beat before has come when an answer that was asked for after it has.
      alive.send({ type: 'call', id: beat, name: 'echo.any', args: {} });
      await alive.answer(beat);
      vi.advanceTimersByTime(BEAT_MS);
      await alive.until((messages) => {
        const beats = messages.filter((message) => (message as { type: string }).type === 'beat');
        return beats.length >= beat || undefined;
      });
    }
    expect((await dead.closed).code).toBe(1006);
    expect(dead.messages).toEqual([{ type: 'beat' }]);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    alive.socket.terminate();
  });
});

describe('fuzzed', () => {
  const call = fc.record(
    {
      type: fc.constantFrom('call', 'listen', 'answer', ''),
      id: fc.oneof(fc.nat(5), fc.double(), fc.string()),
      name: fc.oneof(
        fc.constantFrom('echo.any', 'echo.typed', 'echo.doubled', 'fail.person', '__proto__.x'),
        fc.string(),
      ),
      args: fc.oneof(fc.jsonValue(), fc.record({ value: fc.jsonValue() })),
      events: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const mutated = fc.tuple(call, fc.nat(), fc.nat(255)).map(([message, position, byte]) => {
    const frame = encodeFrame(message);
    frame[position % frame.length] = byte;
    return frame;
  });
  const frames = fc.oneof(
    { weight: 3, arbitrary: call.map((message) => encodeFrame(message)) },
    { weight: 2, arbitrary: mutated },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => new Uint8Array(bytes)) },
  );

  test('every face gets answers or is shown out, and others notice nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { maxLength: 8 }), async (messages) => {
        const face = await new Rogue().open();
        for (const message of messages) {
          face.socket.send(message);
        }
        // Comes after all of them: answered, or everything was refused.
        face.send({ type: 'call', id: 1_000_000, name: 'echo.any', args: { value: 0 } });
        const answer = await face.answer(1_000_000);
        if (answer === 'closed') {
          expect([1003, 1007, 1008]).toContain((await face.closed).code);
        } else {
          expect(answer).toMatchObject({ result: { ok: true } });
        }
        face.socket.terminate();
      }),
      cases(300),
    );
    await expectHealthy();
    expect(logged).toEqual([]);
  });
});

test.each([
  ['EPIPE', 0],
  ['ECONNRESET', 0],
  ['EIO', 2],
])('a page that is gone is no defect of the program: %s', (code, told) => {
  const failing = Object.assign(new EventEmitter(), {
    readyState: WebSocket.OPEN,
    OPEN: WebSocket.OPEN,
    ping: () => undefined,
    send: (_: Uint8Array, __: object, sent: (error: Error) => void) => sent(Object.assign(new Error(code), { code })),
  });
  const log = (where: string, error: unknown): void => void logged.push(where, error);
  const options = { dispatch: dispatch(contract, services, log), events: hub, log };
  new SocketConnection(failing as unknown as WebSocket, options).beat();
  expect(logged).toHaveLength(told);
});
