/** What may follow `npm start --`. */
import { parseFlags, UsageError, type Flags, type FlagValues } from '../cli/flags.ts';
import { table } from '../cli/format.ts';

const hostFlags = {
  serve: { type: 'switch', description: "Serve the app in the browser, also where Electron's runtime is there" },
  port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    description: 'Port to serve it at; any that is free where not given',
  },
  open: { type: 'switch', description: 'Open the browser; --no-open only prints the address' },
  workspace: {
    type: 'text',
    value: 'DIR',
    description: "Folder of datasets, runs and progress; the system's place for app data where not given",
  },
} as const satisfies Flags;

export type HostValues = FlagValues<typeof hostFlags>;

/** Throws UsageError. */
export function parseHostFlags(args: readonly string[]): HostValues {
  const { values, positionals } = parseFlags(args, hostFlags);
  if (positionals[0] !== undefined) {
    throw new UsageError(`"npm start" has no use for "${positionals[0]}"`, 'npm start -- --help');
  }
  return values;
}

export function hostHelp(): string {
  const placeholders: Readonly<Record<string, string>> = { port: ' N', workspace: ' DIR' };
  const rows = Object.entries(hostFlags).map(([name, { description }]) => [
    `--${name}${placeholders[name] ?? ''}`,
    description,
  ]);
  return [
    'Starts the app: in a window of its own where Electron can run, else in the browser.',
    '',
    'Usage: npm start -- [FLAGS]',
    '',
    ...table(rows).map((line) => `  ${line}`),
  ].join('\n');
}
