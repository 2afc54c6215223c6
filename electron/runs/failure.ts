import { UnrolledError } from '../../engine/errors.ts';
import type { Failure } from '../api/call.ts';

/** What ended: it is named where a defect of the program ended it. */
export type Activity = 'training' | 'the export' | 'the import' | 'reading the run’s traces';

/** What was thrown: an error that a person can act on as it is, anything else as a defect. */
export function failureOf(error: unknown, activity: Activity): Failure {
  if (error instanceof UnrolledError) {
    const { code, message, hint } = error;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  console.error(error);
  const what = error instanceof Error ? error.message : String(error);
  return { code: 'defect', message: `${activity} was ended by a defect of the program (${what})` };
}
