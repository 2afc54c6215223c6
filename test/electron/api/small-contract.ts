/** A contract of a few calls that between them do everything that calls can do. */
import * as v from 'valibot';
import { call, type Contract, type Events, type Handlers } from '../../../electron/api/call.ts';
import { InputError } from '../../../engine/errors.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const contract = {
  echo: {
    /** What came, as it came. */
    any: call(v.strictObject({ value: v.unknown() }), v.object({ value: v.unknown() })),
    typed: call(
      v.strictObject({
        id: v.string(),
        points: v.pipe(count, v.minValue(10), v.maxValue(20)),
        note: v.optional(v.string()),
      }),
      v.object({ seen: v.string() }),
    ),
    doubled: call(
      v.strictObject({ values: v.instance(Float64Array), bytes: v.instance(Uint8Array) }),
      v.object({ values: v.instance(Float64Array), bytes: v.instance(Uint8Array) }),
    ),
  },
  fail: {
    person: call(v.strictObject({ hint: v.boolean() }), v.object({})),
    defect: call(v.strictObject({}), v.object({})),
    /** Answers what its schema does not allow. */
    result: call(v.strictObject({ value: v.unknown() }), v.object({ value: v.nullable(v.number()) })),
  },
  later: {
    /** Answers when `release` of the handlers is called with its number. */
    wait: call(v.strictObject({ number: count }), v.object({ number: count })),
  },
} as const satisfies Contract;

export const events = {
  tick: v.object({ count }),
  curve: v.object({ values: v.instance(Float32Array) }),
} as const satisfies Events;

export type SmallContract = typeof contract;
export type SmallEvents = typeof events;

export interface SmallServices extends Handlers<SmallContract> {
  /** Lets a call of later.wait answer, once it has come. */
  release(number: number): Promise<void>;
}

export function createServices(): SmallServices {
  const waiting = new Map<number, PromiseWithResolvers<() => void>>();
  const arrival = (number: number): PromiseWithResolvers<() => void> => {
    const known = waiting.get(number) ?? Promise.withResolvers<() => void>();
    waiting.set(number, known);
    return known;
  };
  return {
    echo: {
      any: ({ value }) => ({ value }),
      typed: ({ id, points, note }) => ({ seen: `${id} ${points} ${note ?? '-'}` }),
      doubled: ({ values, bytes }) => ({ values: values.map((x) => 2 * x), bytes: bytes.map((x) => 2 * x) }),
    },
    fail: {
      person({ hint }) {
        throw hint
          ? new InputError('Line 3 of names.csv has 4 fields; the header has 5.', 'Look for a missing comma.')
          : new InputError('The file names.csv is empty.');
      },
      defect: () => {
        throw new TypeError('secret: undefined is not a function at /home/somebody/file.ts');
      },
      result: ({ value }) => ({ value: value as number }),
    },
    later: {
      wait: ({ number }) =>
        new Promise((resolve) => {
          arrival(number).resolve(() => resolve({ number }));
        }),
    },
    async release(number) {
      const answer = await arrival(number).promise;
      waiting.delete(number);
      answer();
    },
  };
}
