import type { Flags, FlagValues } from './flags.ts';
import { parseFlags, UsageError } from './flags.ts';
import type { Terminal } from './terminal.ts';
import { workspaceFlag } from './workspace.ts';

/** Exit status of a process that was asked to stop by SIGINT. */
export const INTERRUPTED = 130;

export interface Example {
  /** What follows "unrolled". */
  readonly line: string;
  readonly what: string;
}

/** What is said of a command; `run` is what it does. */
export interface Command {
  readonly name: string;
  /** One line without its full stop. */
  readonly summary: string;
  /** What follows the name, one way a line: "FILE.json [FLAGS]". */
  readonly usage: readonly string[];
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly flags: Flags;
  readonly examples: readonly Example[];
  /** Returns the exit status. `args`: what follows the command's name. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

interface Definition<F extends Flags> extends Omit<Command, 'run' | 'flags'> {
  readonly flags: F;
  /** The least and the most arguments that are not flags. */
  readonly arguments: readonly [least: number, most: number];
  run(
    values: FlagValues<F> & { readonly workspace?: string },
    positionals: readonly string[],
    terminal: Terminal,
  ): Promise<number>;
}

/** A command whose arguments are checked before it runs. */
export function defineCommand<const F extends Flags>(definition: Definition<F>): Command {
  const { name, usage } = definition;
  const flags = { ...definition.flags, workspace: workspaceFlag };
  return {
    ...definition,
    flags,
    run(args, terminal) {
      const { values, positionals } = parseFlags(args, flags);
      const [least, most] = definition.arguments;
      if (positionals.length < least || positionals.length > most) {
        const extra = positionals[most];
        throw new UsageError(
          extra === undefined
            ? `"${name}" is given too little: unrolled ${name} ${usage[0] ?? ''}`
            : `"${name}" has no use for "${extra}": unrolled ${name} ${usage[0] ?? ''}`,
          `unrolled help ${name}`,
        );
      }
      return definition.run(values, positionals, terminal);
    },
  };
}

/** Flags that several commands share. */
export const jsonFlag = { type: 'switch', description: 'Write JSON for machines' } as const;
export const bestFlag = {
  type: 'switch',
  description: 'Use the checkpoint of the best evaluation in place of the latest',
} as const;
