/** A worker thread's entry: its share of a case's work. */
import { serveTeams } from '../../electron/core/serve-teams.ts';
import type { BuildNetwork } from '../../engine/team/layout.ts';
import type { Network } from '../../engine/team/network.ts';
import { findOp } from './ops/ops.ts';
import type { CaseSpec } from './run.ts';

function build({ golden, trace }: CaseSpec): BuildNetwork<Network> {
  const op = findOp(golden.op);
  if (op === undefined || op === 'unsupported') throw new Error(`No network carries out ${golden.op}.`);
  return op.build(golden, trace);
}

serveTeams(build);
