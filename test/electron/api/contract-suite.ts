/** What every transport keeps, whatever it is made of: one suite, run over each of them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../../electron/api/call.ts';
import { createClient, type Connection, type OpenChannel } from '../../../electron/api/client.ts';
import { dispatch, type Dispatch } from '../../../electron/transport/dispatch.ts';
import { EventHub } from '../../../electron/transport/event-hub.ts';
import { contract, createServices, events, type SmallContract, type SmallEvents } from './small-contract.ts';

/** The back served over a transport. */
export interface Served {
  readonly open: OpenChannel;
  close(): Promise<void>;
}

export type Serve = (dispatch: Dispatch, hub: EventHub<SmallEvents>) => Promise<Served>;

export function testTransport(name: string, serve: Serve): void {
  describe(`the contract over ${name}`, () => {
    let services: ReturnType<typeof createServices>;
    let hub: EventHub<SmallEvents>;
    let served: Served;
    let connection: Connection<SmallContract, SmallEvents>;
    /** Where defects came up, and what was thrown. */
    let logged: { where: string; error: unknown }[];

    const api = (): Connection<SmallContract, SmallEvents>['api'] => connection.api;
    /** What a face sends that does not keep to the types. */
    const untyped = (value: unknown): never => value as never;

    beforeEach(async () => {
      logged = [];
      const log = (where: string, error: unknown): void => void logged.push({ where, error });
      services = createServices();
      hub = new EventHub(events, log);
      served = await serve(dispatch(contract, services, log), hub);
      connection = createClient<SmallContract, SmallEvents>(contract, served.open);
    });

    afterEach(async () => {
      connection.close();
      await served.close();
    });

    describe('values', () => {
      test.each([
        ['null', null],
        ['false', false],
        ['numbers', [0, -1.5, 1e308, 5e-324, Number.MAX_SAFE_INTEGER]],
        ['texts', ['', 'naïve', '日本語', '\u0000', '\ud800', 'a'.repeat(100_000)]],
        ['objects in lists in objects', { a: [{ b: [] }, {}], 'a key with . and "': { path: null } }],
        ['fields named as the frame names its own', { message: 1, arrays: [{ path: ['x'], kind: 'u8', length: 9 }] }],
        ['fields named as those of every object', { constructor: 1, toString: null, hasOwnProperty: [] }],
      ])('%s pass unchanged', async (_name, value) => {
        expect(await api().echo.any({ value })).toEqual({ ok: true, value: { value } });
      });

      test('a field that is undefined is not there', async () => {
        const result = await api().echo.any({ value: { a: undefined, b: 1 } });
        expect(result).toEqual({ ok: true, value: { value: { b: 1 } } });
      });

      test('typed arrays pass with their kind and their bits, also from the middle of a buffer', async () => {
        const value = {
          u8: Uint8Array.of(0, 1, 255),
          i32: Int32Array.of(-1, 2 ** 31 - 1),
          empty: new Float32Array(0),
          nested: [{ f32: new Float32Array([0, NaN, 1, -0, Infinity]).subarray(1) }],
          u32: new Uint32Array([7, 2 ** 32 - 1]).subarray(1),
          f64: Float64Array.of(Math.PI, NaN, -Infinity, 5e-324),
        };
        const result = await api().echo.any({ value });
        expect(result).toEqual({ ok: true, value: { value } });
      });

      test('megabytes pass', async () => {
        const values = Float64Array.from({ length: 100_000 }, (_, i) => i / 7);
        const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => i % 120);
        const result = await api().echo.doubled({ values, bytes });
        expect(result.ok && result.value.values).toEqual(values.map((x) => 2 * x));
        expect(result.ok && result.value.bytes).toEqual(bytes.map((x) => 2 * x));
      });

      test.each([
        ['NaN', { a: [1, NaN] }, '"value.a.1" is NaN, which is not finite'],
        ['infinity', Infinity, '"value" is Infinity, which is not finite'],
        ['functions', { f: () => 1 }, '"value.f" is of the type function'],
        ['dates', new Date(0), '"value" is of the kind Date'],
        ['maps', [new Map()], '"value.0" is of the kind Map'],
        ['big integers', 1n, '"value" is of the type bigint'],
        ['buffers', new ArrayBuffer(8), '"value" is of the kind ArrayBuffer'],
      ])('%s are refused by name', async (_name, value, complaint) => {
        expect(await api().echo.any({ value })).toEqual({
          ok: false,
          error: { code: 'bad-request', message: `The call echo.any was refused: ${complaint}.` },
        });
      });

      test('what is too deep is refused', async () => {
        let value: unknown = 1;
        for (let depth = 0; depth < 200; depth++) {
          value = [value];
        }
        const result = await api().echo.any({ value });
        expect(result).toMatchObject({ ok: false, error: { code: 'bad-request' } });
      });
    });

    describe('arguments', () => {
      test('are parsed', async () => {
        const result = await api().echo.typed({ id: 'a', points: 12 });
        expect(result).toEqual({ ok: true, value: { seen: 'a 12 -' } });
      });

      test.each([
        ['too small', { id: 'a', points: 5 }, '"points" is 5; it must be at least 10'],
        ['too large', { id: 'a', points: 21 }, '"points" is 21; it must be at most 20'],
        ['of another type', { id: 7, points: 10 }, '"id" is 7; it must be a text'],
        ['missing', { id: 'a' }, '"points" is missing'],
        ['unknown', { id: 'a', points: 10, pionts: 3 }, '"pionts" is not a known field'],
        ['fractional', { id: 'a', points: 10.5 }, '"points" is 10.5; it must be a whole number'],
        ['not an object', 'a', 'the value is "a"; it must be an object'],
        ['missing altogether', undefined, 'is of the type undefined'],
      ])('%s are refused by name', async (_name, args, complaint) => {
        const result: Result<unknown> = await api().echo.typed(untyped(args));
        expect(result.ok).toBe(false);
        expect(!result.ok && result.error.code).toBe('bad-request');
        expect(!result.ok && result.error.message).toContain('The call echo.typed was refused: ');
        expect(!result.ok && result.error.message).toContain(complaint);
        expect(logged).toEqual([]);
      });

      test('a typed array of another kind is refused', async () => {
        const args = untyped({ values: new Float32Array(1), bytes: new Uint8Array(1) });
        expect(await api().echo.doubled(args)).toEqual({
          ok: false,
          error: {
            code: 'bad-request',
            message:
              'The call echo.doubled was refused: "values" is a value of the kind Float32Array; it must be Float64Array.',
          },
        });
      });

      test('are checked by the back too, where the face does not', async () => {
        const heard: string[] = [];
        const channel = served.open({ event: (name) => heard.push(name), state: (state) => heard.push(state) });
        expect(await channel.call('echo.typed', { id: 'a', points: 5 })).toMatchObject({
          ok: false,
          error: { code: 'bad-request' },
        });
        expect(await channel.call('echo.typped', {})).toEqual({
          ok: false,
          error: {
            code: 'unknown-call',
            message: 'There is no call "echo.typped".',
            hint: 'There is "echo.typed"; did you mean that?',
          },
        });
        expect(await channel.call('__proto__.toString', {})).toMatchObject({
          ok: false,
          error: { code: 'unknown-call' },
        });
        channel.close();
      });
    });

    describe('failures', () => {
      test('a failure of a person has its code, its sentence and its hint', async () => {
        expect(await api().fail.person({ hint: true })).toEqual({
          ok: false,
          error: {
            code: 'invalid-input',
            message: 'Line 3 of names.csv has 4 fields; the header has 5.',
            hint: 'Look for a missing comma.',
          },
        });
        expect(logged).toEqual([]);
      });

      test('a hint that is not there is not there', async () => {
        const result = await api().fail.person({ hint: false });
        expect(result).toEqual({
          ok: false,
          error: { code: 'invalid-input', message: 'The file names.csv is empty.' },
        });
        expect(!result.ok && 'hint' in result.error).toBe(false);
      });

      test('a defect says that it is one, keeps its cause from the face and tells the log', async () => {
        const result = await api().fail.defect({});
        expect(result).toMatchObject({ ok: false, error: { code: 'defect' } });
        expect(JSON.stringify(result)).toContain('This is a defect of the program: fail.defect');
        expect(JSON.stringify(result)).not.toContain('secret');
        expect(logged).toHaveLength(1);
        expect(logged[0]?.where).toBe('the call fail.defect');
        expect(logged[0]?.error).toBeInstanceOf(TypeError);
      });

      test.each([
        ['another type', 'text'],
        ['infinity', Infinity],
        ['nothing', undefined],
      ])('a result that breaks its schema is a defect: %s', async (_name, value) => {
        // The handler answers what the log below sees; the arguments themselves are plain.
        const broken = { ...services, fail: { ...services.fail, result: () => ({ value }) as never } };
        const log = (where: string, error: unknown): void => void logged.push({ where, error });
        const other = await serve(dispatch(contract, broken, log), hub);
        const face = createClient<SmallContract, SmallEvents>(contract, other.open);
        expect(await face.api.fail.result({ value: null })).toMatchObject({ ok: false, error: { code: 'defect' } });
        expect(logged.map(({ where }) => where)).toEqual(['the call fail.result']);
        face.close();
        await other.close();
      });
    });

    describe('calls at once', () => {
      test('each gets its own answer, in whatever order they end', async () => {
        const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
        const order: number[] = [];
        const calls = numbers.map(async (number) => {
          const result = await api().later.wait({ number });
          order.push(number);
          return result;
        });
        const releases = [5, 0, 7, 2, 6, 1, 4, 3];
        for (const number of releases) {
          await services.release(number);
          await calls[number];
        }
        expect(await Promise.all(calls)).toEqual(numbers.map((number) => ({ ok: true, value: { number } })));
        expect(order).toEqual(releases);
      });
    });

    describe('events', () => {
      /** Every message sent before it has been taken when a call that followed it is answered. */
      const settle = async (): Promise<void> => {
        await api().echo.any({ value: null });
      };

      test('are told in order to those who listen, and to nobody else', async () => {
        const ticks: number[] = [];
        connection.on('tick', ({ count }) => ticks.push(count));
        await settle();
        for (let count = 0; count < 100; count++) {
          hub.emit('tick', { count });
          hub.emit('curve', { values: Float32Array.of(count) });
        }
        await settle();
        expect(ticks).toEqual(Array.from({ length: 100 }, (_, i) => i));
      });

      test('carry typed arrays', async () => {
        const curves: Float32Array[] = [];
        connection.on('curve', ({ values }) => curves.push(values));
        await settle();
        hub.emit('curve', { values: Float32Array.of(1.5, NaN) });
        await settle();
        expect(curves).toEqual([Float32Array.of(1.5, NaN)]);
      });

      test('end for one listener without ending for another', async () => {
        const first: number[] = [];
        const second: number[] = [];
        const end = connection.on('tick', ({ count }) => first.push(count));
        connection.on('tick', ({ count }) => second.push(count));
        await settle();
        hub.emit('tick', { count: 1 });
        await settle();
        end();
        end();
        await settle();
        hub.emit('tick', { count: 2 });
        await settle();
        expect(first).toEqual([1]);
        expect(second).toEqual([1, 2]);
      });

      test('that break their schema are told to nobody and logged', async () => {
        const ticks: unknown[] = [];
        connection.on('tick', (value) => ticks.push(value));
        await settle();
        hub.emit('tick', untyped({ count: -1 }));
        hub.emit('tick', { count: 3 });
        await settle();
        expect(ticks).toEqual([{ count: 3 }]);
        expect(logged.map(({ where }) => where)).toEqual(['the event tick']);
      });
    });

    test('calls after closing fail with the code disconnected', async () => {
      await api().echo.any({ value: 1 });
      const states: string[] = [];
      connection.onState((state) => states.push(state));
      connection.close();
      connection.close();
      expect(connection.state).toBe('closed');
      expect(states).toEqual(['closed']);
      expect(await api().echo.any({ value: 1 })).toMatchObject({ ok: false, error: { code: 'disconnected' } });
    });
  });
}
