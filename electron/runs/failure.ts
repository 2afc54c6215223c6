import { UnrolledError } from '../../engine/errors.ts';
import type { Failure } from '../api/call.ts';

/** What was thrown, as a run keeps it: an error that a person can act on as it is, anything else as a defect. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UnrolledError) {
    const { code, message, hint } = error;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  console.error(error);
  const what = error instanceof Error ? error.message : String(error);
  return { code: 'defect', message: `training ended by a defect of the program (${what})` };
}
