import { describe, expect, test } from 'vitest';
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import { Caller, HandedOver, Newest, serve, type Port } from '../../../renderer/worker/rpc.ts';

/** Two ends of a line: what one posts the other hears, copied as between threads. */
function line(): [Port, Port] {
  const listeners: [((event: { data: unknown }) => void)[], ((event: { data: unknown }) => void)[]] = [[], []];
  const end = (own: 0 | 1): Port => ({
    postMessage: (message, options) => {
      const data: unknown = structuredClone(message, options);
      queueMicrotask(() => listeners[own === 0 ? 1 : 0].forEach((listen) => listen({ data })));
    },
    addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
      if (type === 'message') listeners[own].push(listener);
    },
  });
  return [end(0), end(1)];
}

function connected() {
  const order: string[] = [];
  const kept = Float32Array.of(3, 4);
  const handlers = {
    double: ({ values }: { values: Float32Array }) => values.map((value) => 2 * value),
    handOver: async () => {
      await Promise.resolve();
      return new HandedOver({ kept }, [kept.buffer]);
    },
    slow: async ({ name }: { name: string }) => {
      order.push(`begin ${name}`);
      await Promise.resolve();
      order.push(`end ${name}`);
      return name;
    },
    refuse: (): never => {
      throw new InputError('the input is empty', 'Type something.');
    },
    break: (): never => {
      throw new TypeError('not a function');
    },
  };
  const [page, worker] = line();
  serve(worker, handlers);
  return { caller: new Caller<typeof handlers>(page), order, kept };
}

describe('calls to the worker', () => {
  test('are answered with values', async () => {
    const { caller } = connected();
    expect(await caller.call('double', { values: Float32Array.of(1, 2.5) })).toEqual(Float32Array.of(2, 5));
  });

  test('are answered with what is handed over, which the worker has no longer', async () => {
    const { caller, kept } = connected();
    expect(await caller.call('handOver', undefined as never)).toEqual({ kept: Float32Array.of(3, 4) });
    expect(kept).toHaveLength(0);
  });

  test('are done one after the other', async () => {
    const { caller, order } = connected();
    expect(await Promise.all([caller.call('slow', { name: 'a' }), caller.call('slow', { name: 'b' })])).toEqual([
      'a',
      'b',
    ]);
    expect(order).toEqual(['begin a', 'end a', 'begin b', 'end b']);
  });

  test('fail with what a person can mend, and the next is answered', async () => {
    const { caller } = connected();
    const refused: unknown = await caller.call('refuse', undefined as never).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnrolledError);
    expect(refused).toMatchObject({ code: 'invalid-input', message: 'the input is empty', hint: 'Type something.' });
    await expect(caller.call('break', undefined as never)).rejects.toThrow('not a function');
    expect(await caller.call('slow', { name: 'c' })).toBe('c');
  });

  test('all fail where the worker is gone', async () => {
    const { caller } = connected();
    const waiting = caller.call('slow', { name: 'a' });
    caller.fail(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
  });
});

test('of many questions the first and the newest are asked', async () => {
  const newest = new Newest();
  const asked: number[] = [];
  let release = (): void => undefined;
  for (let i = 0; i < 10; i++) {
    newest.ask(() => {
      asked.push(i);
      return new Promise((resolve) => (release = resolve));
    });
  }
  expect(asked).toEqual([0]);
  release();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual([0, 9]);
});
