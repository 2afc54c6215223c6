/**
 * Electron's `utilityProcess`: a process of Node's that lives until it calls process.exit (electron#47228), and not
 * longer than the main process.
 */
import { fork as forkNode } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';
import { tell } from './link.ts';
import { requireReady } from './readiness.ts';

const BOOT = fileURLToPath(new URL('utility-boot.ts', import.meta.url));

type Stream = 'pipe' | 'ignore' | 'inherit';

export interface ForkOptions {
  readonly serviceName?: string;
  readonly stdio?: Stream | readonly Stream[];
  readonly env?: NodeJS.ProcessEnv;
}

const alive = new Set<UtilityProcess>();

export class UtilityProcess extends EventEmitter {
  readonly stderr: Readable | null;
  readonly stdout: Readable | null;
  readonly kill: () => boolean;
  readonly postMessage: (message: unknown) => void;
  readonly destroy: () => void;
  #pid: number | undefined;

  constructor(entry: string, args: readonly string[], { stdio = 'inherit', env = process.env }: ForkOptions) {
    super();
    const [, out = 'inherit', error = 'inherit'] = typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio;
    const child = forkNode(BOOT, [entry, ...args], {
      serialization: 'advanced',
      stdio: ['ignore', out, error, 'ipc'],
      execArgv: process.execArgv,
      env,
    });
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.kill = () => child.kill();
    this.destroy = () => void child.kill('SIGKILL');
    this.postMessage = (message) => {
      // A clone at once: what cannot be cloned throws here. To a process that is gone, nothing is sent.
      const clone: unknown = structuredClone(message);
      if (child.connected) child.send(clone as object, () => undefined);
    };
    // The process id is known when it was spawned, and no longer when it has ended.
    child.once('spawn', () => {
      this.#pid = child.pid;
      tell({ kind: 'note', what: `utility process ${child.pid ?? 0}` });
      this.emit('spawn');
    });
    child.on('message', (message) => this.emit('message', message));
    child.once('close', (code) => {
      this.#pid = undefined;
      alive.delete(this);
      this.emit('exit', code ?? 1);
    });
    alive.add(this);
  }

  get pid(): number | undefined {
    return this.#pid;
  }
}

export function fork(entry: string, args: readonly string[] = [], options: ForkOptions = {}): UtilityProcess {
  requireReady('utilityProcess cannot be created before app is ready.');
  return new UtilityProcess(entry, args, options);
}

/** As when the main process ends. */
export function endUtilityProcesses(): void {
  for (const child of alive) child.destroy();
}
