import { BUILDS, type BuildName } from '../../engine/core/core.ts';
import { MAXIMUM_THREADS } from '../../engine/team/control.ts';
import type { Flags, FlagValues } from './flags.ts';

/** What computes a model. */
export const machineFlags = {
  threads: {
    type: 'integer',
    minimum: 1,
    maximum: MAXIMUM_THREADS,
    description: 'Threads; as many as the machine has cores',
  },
  build: { type: 'choice', choices: BUILDS, description: 'Build of the core, in place of the best' },
} as const satisfies Flags;

export type MachineValues = FlagValues<typeof machineFlags> & { readonly build?: BuildName };
