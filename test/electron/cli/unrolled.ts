/** The command line as a person meets it: a process of its own, or, where that makes no difference, in this one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCommandLine } from '../../../electron/cli/command-line.ts';
import type { Terminal } from '../../../electron/cli/terminal.ts';
import { readSafetensors } from '../../../engine/formats/safetensors.ts';

const MAIN = fileURLToPath(new URL('../../../electron/cli/main.ts', import.meta.url));

export interface Result {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command on its way. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves at the first line that `wanted` accepts, of those from the start on; rejects where there is none. */
  line(wanted: (line: string) => boolean): Promise<string>;
  readonly result: Promise<Result>;
}

export function start(args: readonly string[], folder: string): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let ended = false;
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const result = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      ended = true;
      tell();
      resolve({ status, stdout, stderr });
    });
  });
  const line = (wanted: (line: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = stdout.split('\n').slice(0, -1).find(wanted);
        if (found !== undefined || ended) {
          watchers.delete(look);
          if (found === undefined) reject(new Error(`no such line in:\n${stdout}\n${stderr}`));
          else resolve(found);
        }
      };
      watchers.add(look);
      look();
    });
  return { process: child, line, result };
}

/** Runs a command to its end. `input`: its standard input. */
export function unrolled(args: readonly string[], folder: string, input = ''): Promise<Result> {
  const running = start(args, folder);
  running.process.stdin?.end(input);
  return running.result;
}

/** As `unrolled`, in this process. */
export async function unrolledHere(args: readonly string[], folder: string): Promise<Result> {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    interactive: false,
    width: 80,
    line: (text = '') => (stdout += `${text}\n`),
    write: (text) => (stdout += text),
    status: () => undefined,
    clear: () => undefined,
  };
  const before = process.cwd();
  process.chdir(folder);
  try {
    const status = await runCommandLine(args, terminal, (line) => (stderr += `${line}\n`));
    return { status, stdout, stderr };
  } finally {
    process.chdir(before);
  }
}

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unrolled-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The objects of `--json`, one a line. */
export function objects(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** Bytes of every tensor of a checkpoint, by name; `prefix`: only of those. */
export function tensorBytes(path: string, prefix = ''): Readonly<Record<string, string>> {
  const { tensors } = readSafetensors(new Uint8Array(readFileSync(path)), path);
  return Object.fromEntries(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { data }]) => [name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')]),
  );
}

/** Flags of a run of a fraction of a second, on one thread. */
export const TINY = [
  ...['train', '--task', 'adding', '--option', 'length=8', '--option', 'validationItems=64'],
  ...['--hidden', '8', '--batch', '8', '--updates', '30', '--evaluate-every', '10', '--threads', '1'],
] as const;
