/** Services whose every argument, result and event is checked by the contract; defects are errors. */
import { onTestFinished } from 'vitest';
import { contract, events } from '../../electron/api/contract.ts';
import type { RunInfo } from '../../electron/api/runs.ts';
import { noDialogs } from '../../electron/hosts/dialogs.ts';
import { createServices, type RunningServices } from '../../electron/services.ts';
import { dispatch } from '../../electron/transport/dispatch.ts';
import { EventHub } from '../../electron/transport/event-hub.ts';

export type OpenServices = Awaited<ReturnType<typeof openServices>>;

/** Closed when the test is over. */
export async function openServices(path: string) {
  const services = await startServices(path);
  onTestFinished(() => services.close());
  return services;
}

/** To be closed by the caller. */
export async function startServices(path: string) {
  const fail = (where: string, error: unknown) => {
    throw new Error(`a defect in ${where}`, { cause: error });
  };
  const hub = new EventHub(events, fail);
  const running: RunningServices = await createServices({ path, emit: hub.emit, host: 'browser', version: '0.0.0' });
  const answer = dispatch(contract, { ...running.services, ...noDialogs }, fail);
  /** The value of a call that succeeds. */
  const ask = async (name: string, args: object = {}): Promise<unknown> => {
    const result = await answer(name, args);
    if (!result.ok) {
      throw new Error(`${name}: ${result.error.message}`);
    }
    return result.value;
  };
  const heard: [string, unknown][] = [];
  let wake: () => void = () => undefined;
  hub.subscribe((event, value) => {
    heard.push([event, value]);
    wake();
  });
  /** Waits for an event that is right; those that came before count too. */
  const hear = async <T>(event: string, isRight: (value: T) => boolean): Promise<T> => {
    for (let at = 0; ; at++) {
      while (at >= heard.length) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const [name, value] = heard[at]!;
      if (name === event && isRight(value as T)) return value as T;
    }
  };
  return {
    answer,
    ask,
    heard,
    hear,
    close: () => running.close(),
    reach: async (id: string, state: string) => {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const run = (await ask('runs.get', { id })) as RunInfo;
        if (run.state === state) {
          return run;
        }
        await changed;
      }
    },
  };
}
