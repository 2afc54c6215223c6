/** V8's answer to a flag that its build does not have. The process goes on without it. */
const UNKNOWN_FLAG = /^(?:Error: unrecognized flag .*|Try --help for options)$/u;

/** The last line that a process wrote to standard error, to explain why it ended; empty where it wrote nothing of use. */
export function lastWords(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !UNKNOWN_FLAG.test(line)) ?? '';
}
