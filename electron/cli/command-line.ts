/** From a command line to the command that it names. */
import { nearest } from '../../engine/nearest.ts';
import type { Command } from './command.ts';
import { data } from './commands/data.ts';
import { demo } from './commands/demo.ts';
import { evaluate } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { gradients } from './commands/gradients.ts';
import { inspect } from './commands/inspect.ts';
import { predict } from './commands/predict.ts';
import { sample } from './commands/sample.ts';
import { tasks } from './commands/tasks.ts';
import { trace } from './commands/trace.ts';
import { train } from './commands/train.ts';
import { translate } from './commands/translate.ts';
import { units } from './commands/units.ts';
import { UsageError } from './flags.ts';
import { helpOf, overview } from './help.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

const commands: readonly Command[] = [
  train,
  evaluate,
  sample,
  translate,
  predict,
  inspect,
  trace,
  units,
  gradients,
  exportCommand,
  importCommand,
  data,
  tasks,
  demo,
];

const HELP = ['help', '--help', '-h'];

/**
 * Runs a command line. Returns the exit status: 0; 1 for what a person can mend and for defects; 2 for the command line
 * itself; 130 where a signal stopped it. `complain` takes what went wrong, line by line.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  complain: (line: string) => void,
): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    terminal.clear();
    return reportError(error, complain);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    throw new UsageError(`no command was given; there are ${commands.map((known) => known.name).join(', ')} and help`);
  }
  if (HELP.includes(name)) {
    terminal.line(rest[0] === undefined ? overview(commands) : helpOf(commandNamed(rest[0])));
    return 0;
  }
  const command = commandNamed(name);
  if (rest.some((arg) => arg === '--help' || arg === '-h')) {
    terminal.line(helpOf(command));
    return 0;
  }
  return command.run(rest, terminal);
}

function commandNamed(name: string): Command {
  const command = commands.find((known) => known.name === name);
  if (command === undefined) {
    const names = [...commands.map((known) => known.name), 'help'];
    const meant = nearest(name, names);
    throw new UsageError(
      `the command "${name}" is not known; ` +
        (meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`),
    );
  }
  return command;
}
