/** Runs golden cases on the engine and compares. */
import type { CoreModule } from '../../engine/core/core.ts';
import { Team } from '../../engine/team/team.ts';
import { startThreadWith } from '../../electron/core/threads.ts';
import type { GoldenCase, Tensors } from './case.ts';
import { compareTensors, worstOf, type Comparison } from './compare.ts';
import { findOp, unknownSettings } from './ops/ops.ts';

export interface RunOptions {
  readonly core: CoreModule;
  readonly threads: number;
  /** Keep every gradient of every step: the engine then lays its memory out otherwise. Default: false. */
  readonly trace?: boolean;
}

/** What every thread builds its network from. */
export interface CaseSpec {
  readonly golden: GoldenCase;
  readonly trace: boolean;
}

/** How a case came out. */
export interface Verdict {
  readonly status: 'pass' | 'fail' | 'unsupported';
  readonly worst: Comparison['worst'];
  /** Why it does not pass. */
  readonly reason: string | undefined;
}

const startThread = startThreadWith<CaseSpec>(new URL('./thread.ts', import.meta.url));

/** Whatever goes wrong with a case is its verdict. */
export async function runCase(golden: GoldenCase, options: RunOptions): Promise<Verdict> {
  const op = findOp(golden.op);
  if (op === 'unsupported') return { status: 'unsupported', worst: undefined, reason: undefined };
  if (!op) return failed(`there is no operation "${golden.op}"`);
  const [unknown] = unknownSettings(golden);
  const stray = Object.keys(golden.upstream).find((name) => !Object.hasOwn(golden.outputs, name));
  if (stray !== undefined) return failed(`upstream.${stray} belongs to no output of the case`);
  if (unknown !== undefined) return failed(`config.${unknown} is not known to the operation "${golden.op}"`);
  try {
    const team = await Team.start({
      core: options.core,
      spec: { golden, trace: options.trace ?? false },
      build: (spec) => op.build(spec.golden, spec.trace),
      batchSize: op.batchSize(golden),
      threads: options.threads,
      optimizer: op.optimizer(golden),
      startThread,
    });
    try {
      const inputs = new ReadNames(golden.inputs);
      const { outputs, grads } = op.run(team, { ...golden, inputs: inputs.tensors });
      const [unread] = inputs.unread();
      if (unread !== undefined) return failed(`inputs.${unread} is not known to the operation "${golden.op}"`);
      const [first, ...others] = [
        ...compareTensors(golden.outputs, outputs, ''),
        ...compareTensors(golden.grads, grads, 'grads.'),
      ];
      if (!first) return failed('the case expects nothing');
      const { worst, reason } = worstOf([first, ...others]);
      return { status: reason === undefined ? 'pass' : 'fail', worst, reason };
    } finally {
      await team.stop();
    }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** Tensors that note which of them were read. */
class ReadNames {
  readonly tensors: Tensors;
  readonly #read = new Set<string>();

  constructor(tensors: Tensors) {
    this.tensors = new Proxy(tensors, {
      get: (target, name) => {
        if (typeof name === 'string') this.#read.add(name);
        return Reflect.get(target, name) as unknown;
      },
    });
  }

  unread(): readonly string[] {
    return Object.keys(this.tensors).filter((name) => !this.#read.has(name));
  }
}

function failed(reason: string): Verdict {
  return { status: 'fail', worst: undefined, reason };
}
