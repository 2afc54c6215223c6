/**
 * A team of threads over one memory. The caller's thread is the first of it and does its share of the work; the others
 * wait in between. Same network, build and number of threads: same bits, whatever the timing.
 */
import { createMemory, instantiateCore, type Core, type CoreModule } from '../core/core.ts';
import { UnrolledError } from '../errors.ts';
import { MAXIMUM_THREADS, type Control } from './control.ts';
import { layOut, type BuildNetwork, type Layout } from './layout.ts';
import type { Network } from './network.ts';
import { optimizerSlots, type OptimizerSpec } from './optimizer.ts';
import { COMMANDS, Replica, TEAM_FAILED, type Command } from './replica.ts';

/** What another thread needs to take its place; can be sent there as a message. */
export interface ThreadMessage<Spec> {
  readonly core: CoreModule;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  /** What the network is built from, on every thread alike. */
  readonly spec: Spec;
}

export interface RunningThread {
  /** Resolves when it has ended by itself, once the team has let it go. */
  ended(): Promise<void>;
  /** Ends it, whatever it is doing. */
  stop(): Promise<void>;
}

/** How a host starts a thread that calls `serveThread` with the message. Resolves once it has begun to serve. */
export type StartThread<Spec> = (message: ThreadMessage<Spec>) => Promise<RunningThread>;

export interface TeamOptions<Spec, N extends Network> {
  readonly core: CoreModule;
  readonly spec: Spec;
  readonly build: (spec: Spec) => BuildNetwork<N>;
  readonly batchSize: number;
  readonly threads: number;
  readonly optimizer: OptimizerSpec;
  /** Needed for more than one thread. */
  readonly startThread?: StartThread<Spec> | undefined;
}

export class Team<N extends Network> {
  readonly core: Core;
  readonly layout: Layout<N>;
  readonly optimizer: OptimizerSpec;
  readonly #replica: Replica<N>;
  readonly #others: readonly RunningThread[];
  /** A command has not come to its end. */
  #failed = false;

  private constructor(core: Core, layout: Layout<N>, optimizer: OptimizerSpec, others: readonly RunningThread[]) {
    this.core = core;
    this.layout = layout;
    this.optimizer = optimizer;
    this.#replica = new Replica(core, layout, 0, optimizer);
    this.#others = others;
  }

  static async start<Spec, N extends Network>(options: TeamOptions<Spec, N>): Promise<Team<N>> {
    const { core, spec, build, batchSize, optimizer, startThread } = options;
    const threads = Math.max(1, Math.min(options.threads, MAXIMUM_THREADS));
    if (threads > 1 && (!core.shared || !startThread)) {
      throw new UnrolledError('no-threads', `The build "${core.build}" runs on one thread, not on ${threads}.`);
    }
    const layout = layOut({ build: build(spec), batchSize, threads, slots: optimizerSlots(optimizer).length });
    const memory = createMemory(layout.bytes, core.shared);
    const others: RunningThread[] = [];
    try {
      for (let thread = 1; thread < threads; thread++) {
        if (startThread) others.push(await startThread({ core, memory, thread, threads, batchSize, optimizer, spec }));
      }
    } catch (error) {
      await Promise.all(others.map((other) => other.stop()));
      throw error;
    }
    return new Team(instantiateCore(core, memory), layout, optimizer, others);
  }

  get threads(): number {
    return this.layout.placed.length;
  }

  get control(): Control {
    return this.#replica.control;
  }

  /**
   * Runs a command on all threads and returns when all have done it. Throws where one of them fails; the threads are
   * out of step then, and the team can only be stopped.
   */
  run(command: Command): void {
    if (this.#failed) throw new Error(TEAM_FAILED);
    this.#failed = true;
    this.control.setWord('command', command);
    this.#replica.barrier();
    this.#replica.execute(command);
    this.#replica.barrier();
    this.#failed = false;
  }

  /**
   * The team cannot be used afterwards. Threads that are in step leave by themselves: cutting a thread off inside the
   * core has brought whole processes down.
   */
  async stop(): Promise<void> {
    const inStep = this.#letGo();
    await Promise.all(this.#others.map((other) => (inStep ? other.ended() : other.stop())));
  }

  // Whether the others have taken their leave; not where one of them failed or is still at a command.
  #letGo(): boolean {
    if (this.#failed) return false;
    this.#failed = true;
    this.control.setWord('command', COMMANDS.stop);
    try {
      this.#replica.barrier();
      return true;
    } catch {
      return false;
    }
  }
}

/** How a thread speaks to the host that started it. */
export interface ThreadReports {
  /** It is about to wait for its first command. */
  ready(): void;
  /** It cannot go on; it releases the others again and again until it is stopped. */
  failed(error: unknown): void;
}

/** What a host's thread runs: serves commands until the team lets it go. */
export function serveThread<Spec, N extends Network>(
  message: ThreadMessage<Spec>,
  build: (spec: Spec) => BuildNetwork<N>,
  reports: ThreadReports,
): void {
  const { core, memory, thread, threads, batchSize, optimizer, spec } = message;
  const slots = optimizerSlots(optimizer).length;
  const layout = layOut({ build: build(spec), batchSize, threads, slots });
  const replica = new Replica(instantiateCore(core, memory), layout, thread, optimizer);
  reports.ready();
  try {
    for (;;) {
      replica.barrier();
      const command = replica.control.word('command') as Command;
      if (command === COMMANDS.stop) return;
      replica.execute(command);
      replica.barrier();
    }
  } catch (error) {
    reports.failed(error);
    for (;;) replica.control.fail();
  }
}
