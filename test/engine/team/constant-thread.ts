/** A worker thread's entry: its share of a constant network. */
import { serveTeams } from '../../../electron/core/serve-teams.ts';
import { buildConstant, type ConstantSpec } from './constant-network.ts';

serveTeams(
  (spec: ConstantSpec, thread) => {
    if (spec.failing?.thread === thread && spec.failing.at === 'build') throw new Error(`Thread ${thread} fails.`);
    return buildConstant(spec);
  },
  // The test looks at what the others are told.
  () => undefined,
);
