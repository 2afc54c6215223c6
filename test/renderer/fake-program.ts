/** A program behind the face that lives in memory: calls pass the contract's own checks, events are told by the test. */
import { createClient } from '../../electron/api/client.ts';
import type { ConnectionState } from '../../electron/api/client.ts';
import type { EventName, EventValue, Result } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import { contract, type events, type HostServices, type Services } from '../../electron/api/contract.ts';
import type { RunInfo } from '../../electron/api/runs.ts';
import { UnrolledError } from '../../engine/errors.ts';
import { dispatch } from '../../electron/transport/dispatch.ts';

type Handlers = Services & HostServices;
export type SomeHandlers = { readonly [D in keyof Handlers]?: Partial<Handlers[D]> };

export interface FakeProgram {
  readonly connection: ProgramConnection;
  /** Names of the calls so far, with their arguments. */
  readonly calls: readonly { readonly name: string; readonly args: unknown }[];
  emit<K extends EventName<typeof events>>(event: K, value: EventValue<typeof events, K>): void;
  /** Loses or restores the connection; while it is lost calls fail. */
  enter(state: ConnectionState): void;
}

/** Answers the calls that are given; every other one fails with the code 'not-faked'. */
export function fakeProgram(handlers: SomeHandlers = {}): FakeProgram {
  const calls: { name: string; args: unknown }[] = [];
  const answer = dispatch(contract, complete(handlers), (where, error) => {
    throw new Error(`In ${where}`, { cause: error });
  });
  let state: ConnectionState = 'connected';
  let tell: (event: string, value: unknown) => void = () => undefined;
  let tellState: (state: ConnectionState) => void = () => undefined;
  const connection = createClient<typeof contract, typeof events>(contract, (listener) => {
    tell = (event, value) => listener.event(event, value);
    tellState = (next) => listener.state(next);
    return {
      get state() {
        return state;
      },
      call(name, args): Promise<Result<unknown>> {
        calls.push({ name, args });
        if (state !== 'connected') {
          return Promise.resolve({ ok: false, error: { code: 'disconnected', message: 'Lost.' } });
        }
        return answer(name, args);
      },
      listen: () => undefined,
      close: () => undefined,
    };
  });
  return {
    connection,
    calls,
    emit: (event, value) => tell(event, value),
    enter(next) {
      state = next;
      tellState(next);
    },
  };
}

function complete(handlers: SomeHandlers): Handlers {
  const refuse = (name: string) => (): never => {
    throw new UnrolledError('not-faked', `${name} is not part of this test.`);
  };
  return Object.fromEntries(
    Object.entries(contract).map(([domain, calls]) => [
      domain,
      {
        ...Object.fromEntries(Object.keys(calls).map((call) => [call, refuse(`${domain}.${call}`)])),
        ...handlers[domain as keyof Handlers],
      },
    ]),
  ) as unknown as Handlers;
}

/** Frames that come at once. */
export function atOnce(callback: () => void): void {
  callback();
}

/** All that has been promised so far has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export const metric = { name: 'accuracy', label: 'accuracy', value: 0.75, better: 'higher' } as const;

export const experiment = {
  format: 'unrolled-experiment',
  version: 1,
  seed: 1,
  task: { id: 'parity', length: 8 },
  model: {
    architecture: 'recurrent',
    cell: 'lstm',
    hiddenSize: 16,
    layers: 1,
    bidirectional: false,
    embeddingSize: 0,
    dropout: 0,
    pooling: 'last',
    init: { recurrent: 'uniform', input: 'uniform', recurrentScale: 1, forgetBias: 1 },
  },
  training: {
    batchSize: 32,
    steps: 64,
    updates: 100,
    optimizer: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
    schedule: { kind: 'constant', warmup: 0 },
    clipNorm: 1,
    stateful: true,
    earlyStopping: null,
    evaluateEvery: 0,
    checkpointEvery: 50,
  },
} as const;

/** A run with these details. */
export function runInfo(details: Partial<RunInfo> & { readonly id: string }): RunInfo {
  return {
    name: details.id,
    note: '',
    state: 'finished',
    failure: null,
    created: 0,
    task: 'parity',
    experiment,
    progress: {
      update: 100,
      totalUpdates: 100,
      epoch: 0,
      loss: 0.5,
      gradientNorm: 0.1,
      learningRate: 0.01,
      tokensPerSecond: 1000,
      seconds: 1,
      secondsLeft: 0,
    },
    metric: null,
    best: null,
    threads: 1,
    build: 'simd',
    parent: null,
    changes: [],
    ...details,
  };
}
