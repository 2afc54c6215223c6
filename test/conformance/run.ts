/** Runs golden cases on the engine and compares. */
import type { CoreModule } from '../../engine/core/core.ts';
import { Team } from '../../engine/team/team.ts';
import { startThreadWith } from '../../electron/core/threads.ts';
import type { GoldenCase } from './case.ts';
import { compareTensors, worstOf, type Comparison } from './compare.ts';
import { findOp } from './ops/ops.ts';

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
      const { outputs, grads } = op.run(team, golden);
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

function failed(reason: string): Verdict {
  return { status: 'fail', worst: undefined, reason };
}
