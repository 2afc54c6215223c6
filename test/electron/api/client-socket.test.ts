/** The face's end of a socket when the line breaks; sockets and time are the test's own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Result } from '../../../electron/api/call.ts';
import type { Channel, ConnectionState } from '../../../electron/api/client.ts';
import { socketChannel, type Socket } from '../../../electron/api/client-socket.ts';
import { decodeFrame, encodeFrame } from '../../../electron/api/frame.ts';
import { BEAT_MS, MAXIMUM_REQUEST_BYTES } from '../../../electron/api/messages.ts';

type Listener = (event: { readonly data: unknown }) => void;

class TestSocket implements Socket {
  binaryType = 'blob';
  closed = false;
  readonly sent: unknown[] = [];
  readonly #listeners = new Map<string, Listener[]>();

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.sent.push(decodeFrame(data));
  }

  close(): void {
    this.closed = true;
  }

  happens(type: 'open' | 'close' | 'error'): void {
    this.#tell(type, undefined);
  }

  receives(message: unknown): void {
    this.#tell('message', encodeFrame(message).buffer);
  }

  receivesRaw(data: unknown): void {
    this.#tell('message', data);
  }

  #tell(type: string, data: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener({ data });
    }
  }
}

let sockets: TestSocket[];
let states: ConnectionState[];
let heard: { name: string; value: unknown }[];
let channel: Channel;

const socket = (index: number): TestSocket => {
  const found = sockets[index];
  if (found === undefined) {
    throw new Error(`There are ${sockets.length} sockets only.`);
  }
  return found;
};

/** Whether the back refuses the page. */
let refused: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  heard = [];
  refused = false;
  channel = socketChannel(
    () => {
      const opened = new TestSocket();
      sockets.push(opened);
      return opened;
    },
    () => Promise.resolve(refused),
  )({ event: (name, value) => heard.push({ name, value }), state: (state) => states.push(state) });
});

afterEach(() => {
  channel.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const LOST: Result<unknown> = {
  ok: false,
  error: {
    code: 'disconnected',
    message: 'The connection to the program is lost.',
    hint: 'If the program has ended, start it again and open the address that it prints.',
  },
};

describe('before the first connection', () => {
  test('calls wait, and go out in order behind what is listened to', async () => {
    const first = channel.call('a.b', { x: 1 });
    const second = channel.call('a.c', {});
    channel.listen(['tick']);
    expect(channel.state).toBe('connecting');
    expect(socket(0).sent).toEqual([]);
    socket(0).happens('open');
    expect(states).toEqual(['connected']);
    expect(socket(0).sent).toEqual([
      { type: 'listen', events: ['tick'] },
      { type: 'call', id: 0, name: 'a.b', args: { x: 1 } },
      { type: 'call', id: 1, name: 'a.c', args: {} },
    ]);
    socket(0).receives({ type: 'answer', id: 1, result: { ok: true, value: 'c' } });
    socket(0).receives({ type: 'answer', id: 0, result: { ok: true, value: 'b' } });
    expect(await Promise.all([first, second])).toEqual([
      { ok: true, value: 'b' },
      { ok: true, value: 'c' },
    ]);
  });

  test('calls fail when it does not come about', async () => {
    const call = channel.call('a.b', {});
    socket(0).happens('error');
    socket(0).happens('close');
    expect(await call).toEqual(LOST);
    expect(states).toEqual(['disconnected']);
  });
});

describe('when the connection is lost', () => {
  beforeEach(() => socket(0).happens('open'));

  test('calls in flight fail, and those made meanwhile', async () => {
    const before = channel.call('a.b', {});
    socket(0).happens('close');
    expect(await before).toEqual(LOST);
    expect(await channel.call('a.b', {})).toEqual(LOST);
    expect(channel.state).toBe('disconnected');
  });

  test('it is made anew, later after each failure, and soon again after a success', () => {
    socket(0).happens('close');
    for (const [attempt, wait] of [250, 500, 1000, 2000, 5000, 5000].entries()) {
      expect(sockets).toHaveLength(attempt + 1);
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(attempt + 1);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(attempt + 2);
      socket(attempt + 1).happens('close');
    }
    vi.advanceTimersByTime(5000);
    socket(7).happens('open');
    socket(7).happens('close');
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(9);
    expect(states).toEqual(['connected', 'disconnected', 'connected', 'disconnected']);
  });

  test('the new one listens to the same events, with what changed meanwhile', () => {
    channel.listen(['tick', 'curve']);
    expect(socket(0).sent).toEqual([{ type: 'listen', events: ['tick', 'curve'] }]);
    socket(0).happens('close');
    channel.listen(['tick']);
    vi.advanceTimersByTime(250);
    socket(1).happens('open');
    expect(socket(1).sent).toEqual([{ type: 'listen', events: ['tick'] }]);
    socket(1).receives({ type: 'event', name: 'tick', value: { count: 1 } });
    expect(heard).toEqual([{ name: 'tick', value: { count: 1 } }]);
  });

  test('an answer of the lost socket that comes late is not heard', async () => {
    socket(0).happens('close');
    vi.advanceTimersByTime(250);
    socket(1).happens('open');
    const call = channel.call('a.b', {});
    socket(0).receives({ type: 'answer', id: 0, result: { ok: true, value: 'old' } });
    socket(0).happens('close');
    socket(1).receives({ type: 'answer', id: 0, result: { ok: true, value: 'new' } });
    expect(await call).toEqual({ ok: true, value: 'new' });
    expect(channel.state).toBe('connected');
  });
});

describe('signs of life', () => {
  beforeEach(() => socket(0).happens('open'));

  test('keep a connection', () => {
    for (let beat = 0; beat < 20; beat++) {
      vi.advanceTimersByTime(BEAT_MS);
      socket(0).receives({ type: 'beat' });
    }
    expect(states).toEqual(['connected']);
    expect(heard).toEqual([]);
  });

  test('that stay away end it', async () => {
    const call = channel.call('a.b', {});
    vi.advanceTimersByTime(6 * BEAT_MS);
    expect(await call).toEqual(LOST);
    expect(socket(0).closed).toBe(true);
    expect(states).toEqual(['connected', 'disconnected']);
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });
});

describe('a back that was restarted and does not know the page', () => {
  /** The next attempt ends without a connection, and it has been asked why. */
  async function fails(): Promise<void> {
    await vi.advanceTimersByTimeAsync(10_000);
    sockets.at(-1)?.happens('close');
    await vi.advanceTimersByTimeAsync(0);
  }

  beforeEach(async () => {
    socket(0).happens('open');
    socket(0).happens('close');
    await vi.advanceTimersByTimeAsync(0);
    states.length = 0;
  });

  test('is told from one that is not there', async () => {
    await fails();
    expect(states).toEqual([]);
    refused = true;
    await fails();
    expect(states).toEqual(['refused']);
    expect(await channel.call('a.b', {})).toMatchObject({
      ok: false,
      error: { code: 'disconnected', message: 'Unrolled was restarted.' },
    });
  });

  test('is tried further, and connected to once it knows the page', async () => {
    refused = true;
    await fails();
    await fails();
    expect(states).toEqual(['refused']);
    await vi.advanceTimersByTimeAsync(10_000);
    sockets.at(-1)?.happens('open');
    expect(states).toEqual(['refused', 'connected']);
  });

  test('that has gone again is not there', async () => {
    refused = true;
    await fails();
    refused = false;
    await fails();
    expect(states).toEqual(['refused', 'disconnected']);
  });
});

describe('another program at the other end', () => {
  test.each([
    ['speaks text', 'hello'],
    ['sends no frame', new ArrayBuffer(3)],
    ['sends another message', encodeFrame({ type: 'greeting' }).buffer],
    ['answers in another form', encodeFrame({ type: 'answer', id: 0, result: { ok: false } }).buffer],
  ])('that %s is left', async (_name, data) => {
    socket(0).happens('open');
    const call = channel.call('a.b', {});
    socket(0).receivesRaw(data);
    expect(await call).toEqual(LOST);
    expect(socket(0).closed).toBe(true);
    expect(channel.state).toBe('disconnected');
  });
});

test('what is too large is not sent', async () => {
  socket(0).happens('open');
  const result = await channel.call('a.b', { bytes: new Uint8Array(MAXIMUM_REQUEST_BYTES) });
  expect(result).toMatchObject({ ok: false, error: { code: 'too-large' } });
  expect(!result.ok && result.error.message).toMatch(/^The call a\.b holds 8388\d{3} bytes; at most 8 MiB pass\.$/u);
  expect(socket(0).sent).toEqual([]);
});

test('closing ends it for good', async () => {
  socket(0).happens('open');
  const call = channel.call('a.b', {});
  channel.close();
  expect(await call).toMatchObject({ ok: false, error: { code: 'disconnected' } });
  expect(socket(0).closed).toBe(true);
  socket(0).happens('close');
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
  expect(states).toEqual(['connected', 'closed']);
});
