/** The contract itself, and the ends of it that only the whole of it shows. */
import * as v from 'valibot';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BRIDGE_NAME } from '../../../electron/api/client-bridge.ts';
import { connect } from '../../../electron/api/client-connect.ts';
import type { Call, Contract, Handlers } from '../../../electron/api/call.ts';
import { contract, events } from '../../../electron/api/contract.ts';
import { whyNotPlain } from '../../../electron/api/plain.ts';
import { dispatch } from '../../../electron/transport/dispatch.ts';

const calls = Object.entries<Readonly<Record<string, Call>>>(contract).flatMap(([domain, group]) =>
  Object.entries(group).map(([name, call]) => [`${domain}.${name}`, call] as const),
);

/** Handlers that note which of them was called, and answer nothing. */
function noting(called: string[]): Handlers<typeof contract> {
  const handlers: Record<string, Record<string, () => void>> = {};
  for (const [domain, group] of Object.entries<Readonly<Record<string, Call>>>(contract)) {
    const functions = (handlers[domain] ??= {});
    for (const name of Object.keys(group)) {
      functions[name] = () => void called.push(`${domain}.${name}`);
    }
  }
  return handlers as unknown as Handlers<typeof contract>;
}

describe.each(calls)('%s', (name, call) => {
  test('takes an object, and refuses fields that it does not know', async () => {
    const called: string[] = [];
    const answer = dispatch(contract, noting(called), () => undefined);
    for (const args of [null, 3, 'text', undefined]) {
      expect(await answer(name, args)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    }
    const issues = v.safeParse(call.args, { 'no such field': 1 }).issues ?? [];
    expect(issues.map(({ expected }) => expected)).toContain('never');
    expect(called).toEqual([]);
  });
});

test('a handler that is missing is found when the program starts', () => {
  const incomplete = { ...noting([]), runs: {} } as unknown as Handlers<Contract>;
  expect(() => dispatch(contract as Contract, incomplete)).toThrow('No handler answers the call runs.list.');
});

test('names of calls and events can be told apart and sent', () => {
  const names = [...calls.map(([name]) => name), ...Object.keys(events)];
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    expect(name).toMatch(/^[a-z]+\.[a-zA-Z]+$/u);
  }
});

describe('whyNotPlain', () => {
  test.each([
    [null, undefined],
    [{ a: [1, 'x', { b: new Float64Array(3) }] }, undefined],
    [Object.create(null), undefined],
    [NaN, 'the value is NaN, which is not finite'],
    [{ a: { b: -Infinity } }, '"a.b" is -Infinity, which is not finite'],
    [[1, undefined], '"1" is of the type undefined'],
    [{ a: new Float16Array(1) }, '"a" is of the kind Float16Array'],
    [{ a: /x/u }, '"a" is of the kind RegExp'],
    [new Error('x'), 'the value is of the kind Error'],
    [JSON.parse('{"a": {"__proto__": 1}}'), '"a" has a field named "__proto__"'],
  ])('%o: %s', (value: unknown, complaint) => {
    expect(whyNotPlain(value)).toBe(complaint);
  });
});

describe('connect', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('takes the bridge where there is one', async () => {
    const called: unknown[] = [];
    vi.stubGlobal(BRIDGE_NAME, {
      call: (name: string, args: unknown) => {
        called.push(name, args);
        return Promise.resolve({ ok: true, value: [] });
      },
      listen: () => undefined,
      onEvent: () => undefined,
    });
    const connection = connect();
    expect(connection.state).toBe('connected');
    expect(await connection.api.runs.list({})).toEqual({ ok: true, value: [] });
    expect(called).toEqual(['runs.list', {}]);
  });

  test.each([
    ['http:', 'ws://127.0.0.1:4321/api'],
    ['https:', 'wss://127.0.0.1:4321/api'],
  ])('else a socket to where the page came from: %s', (protocol, address) => {
    const opened: string[] = [];
    class PageSocket extends EventTarget {
      binaryType = 'blob';
      constructor(url: string) {
        super();
        opened.push(url);
      }
      close(): void {
        opened.push('closed');
      }
    }
    vi.stubGlobal('location', { protocol, host: '127.0.0.1:4321' });
    vi.stubGlobal('WebSocket', PageSocket);
    const connection = connect();
    expect(connection.state).toBe('connecting');
    connection.close();
    expect(opened).toEqual([address, 'closed']);
  });
});
