import { UnrolledError } from '../../engine/errors.ts';
import { UsageError } from './flags.ts';

/**
 * Tells `complain` what went wrong, line by line. Returns the exit status: 1 for what a person can mend and for
 * defects, 2 for the command line itself.
 */
export function reportError(error: unknown, complain: (line: string) => void): number {
  if (error instanceof UnrolledError) {
    complain(`unrolled: ${error.message}`);
    if (error.hint !== undefined) {
      complain(`  ${error.hint}`);
    }
    return error instanceof UsageError ? 2 : 1;
  }
  complain('unrolled: this is a defect of the program; please report it with what follows.');
  complain(error instanceof Error && error.stack !== undefined ? error.stack : String(error));
  return 1;
}
