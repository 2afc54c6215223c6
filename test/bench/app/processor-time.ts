/** What a process and those that it started have had of the processors, where the system tells it: on Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc a second: sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds by kind of process: browser, training, host; empty elsewhere. Processes that have ended are not counted. */
export function processorSeconds(root: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  if (process.platform !== 'linux') return seconds;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => readProcess(Number(pid)));
  const family = new Set([root]);
  // A child may have a lower number than its parent, so the list is gone through until nobody is added.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  for (const { pid, command, ticks } of processes) {
    if (!family.has(pid) || pid === root) continue;
    const kind = /chrom/u.test(command) ? 'browser' : command.includes('training-process') ? 'training' : 'host';
    seconds.set(kind, (seconds.get(kind) ?? 0) + ticks / TICKS);
  }
  return seconds;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** In the user's code and in the system's, of all threads. */
  readonly ticks: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; nothing where it has ended meanwhile. */
function readProcess(pid: number): readonly Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold any character.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0] = [fields[1], fields[11], fields[12]];
    return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ticks: user + system }];
  } catch {
    return [];
  }
}
