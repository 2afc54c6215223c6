import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import { UnrolledError } from '../../engine/errors.ts';
import { t } from '../messages/messages.ts';
import type { WorkerHandlers } from '../worker/handlers.ts';
import { keyText, NOT_OPEN, type ModelKey } from '../worker/model-key.ts';
import type { ModelFacts } from '../worker/models.ts';
import { Duty } from './duty.ts';
import { Caller, type Answer, type Arguments, type Port } from '../worker/rpc.ts';

/**
 * The page's own engine: a worker that runs the core on checkpoints of runs. It is started when it is first asked.
 *
 *     await lab.engine.open({ run, update });                    // reads the checkpoint, once
 *     await lab.engine.ask('examine', key, { key, ... });        // anything of worker/handlers.ts, of an open model
 */
export class PageEngine {
  readonly duty: Duty;
  readonly #connection: ProgramConnection;
  readonly #start: () => Port;
  readonly #opened = new Map<string, Promise<ModelFacts>>();
  #caller: Caller<WorkerHandlers> | undefined;

  /** `start`: starts the worker. */
  constructor(connection: ProgramConnection, start: () => Port, duty = new Duty()) {
    this.duty = duty;
    this.#connection = connection;
    this.#start = start;
  }

  /** What is known of the model. Rejects with UnrolledError where the checkpoint is gone or damaged. */
  open(key: ModelKey): Promise<ModelFacts> {
    const text = keyText(key);
    const known = this.#opened.get(text);
    if (known !== undefined) return known;
    const facts = this.duty.count(() => this.#read(key));
    this.#opened.set(text, facts);
    facts.catch(() => this.#opened.delete(text));
    return facts;
  }

  /** Asks about an open model; it is opened first where it is not. */
  async ask<K extends keyof WorkerHandlers>(
    name: K,
    key: ModelKey,
    args: Arguments<WorkerHandlers, K>,
  ): Promise<Answer<WorkerHandlers, K>> {
    return this.duty.count(() => this.#ask(name, key, args));
  }

  async #ask<K extends keyof WorkerHandlers>(
    name: K,
    key: ModelKey,
    args: Arguments<WorkerHandlers, K>,
  ): Promise<Answer<WorkerHandlers, K>> {
    await this.open(key);
    try {
      return await this.#worker.call(name, args);
    } catch (error) {
      if (!(error instanceof UnrolledError) || error.code !== NOT_OPEN) throw error;
      // It had to make room for others.
      this.#opened.delete(keyText(key));
      await this.open(key);
      return this.#worker.call(name, args);
    }
  }

  /** Asks about something that is no run's model. */
  call<K extends keyof WorkerHandlers>(
    name: K,
    args: Arguments<WorkerHandlers, K>,
  ): Promise<Answer<WorkerHandlers, K>> {
    return this.duty.count(() => this.#worker.call(name, args));
  }

  async #read(key: ModelKey): Promise<ModelFacts> {
    const file = await this.#connection.api.checkpoints.read(key);
    if (!file.ok) throw new UnrolledError(file.error.code, file.error.message, file.error.hint);
    return this.#worker.call('open', { key, bytes: file.value.bytes });
  }

  get #worker(): Caller<WorkerHandlers> {
    this.#caller ??= this.#call(this.#start());
    return this.#caller;
  }

  #call(port: Port): Caller<WorkerHandlers> {
    const caller = new Caller<WorkerHandlers>(port);
    // Another one is started when it is needed again.
    port.addEventListener('error', () => {
      this.#caller = undefined;
      this.#opened.clear();
      caller.fail(new UnrolledError('engine-failed', t('engine.failed')));
    });
    return caller;
  }
}
