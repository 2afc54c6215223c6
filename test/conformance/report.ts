/** Results of cases, for people and for machines. */
import type { Verdict } from './run.ts';

export interface Report extends Verdict {
  readonly name: string;
  readonly op: string;
}

export type Tally = Readonly<Record<Verdict['status'], number>>;

/** "pass  lstm-1layer  y  absolute 1.2e-7  relative 3.4e-7" */
export function reportLine({ status, name, worst, reason }: Report): string {
  const deviation = worst
    ? `${worst.tensor}  absolute ${worst.absolute.toExponential(1)}  relative ${worst.relative.toExponential(1)}`
    : '';
  return [status.padEnd(11), name.padEnd(40), [deviation, reason].filter(Boolean).join('  ')].join('  ').trimEnd();
}

/** One JSON object; `worst` is null where nothing could be measured, `reason` says why a case does not pass. */
export function reportJson({ name, op, status, worst, reason }: Report): string {
  const measured = worst ? { tensor: worst.tensor, absolute: worst.absolute, relative: worst.relative } : null;
  return JSON.stringify({ name, op, status, worst: measured, ...(reason === undefined ? {} : { reason }) });
}

export function tallyOf(reports: readonly Report[]): Tally {
  const count = (status: Verdict['status']) => reports.filter((report) => report.status === status).length;
  return { pass: count('pass'), fail: count('fail'), unsupported: count('unsupported') };
}
