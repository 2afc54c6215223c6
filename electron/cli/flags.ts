/** Flags of a command from one table, which their help is written from too. */
import { parseArgs } from 'node:util';
import { UnrolledError } from '../../engine/errors.ts';
import { nearest } from '../../engine/nearest.ts';

/** The command line itself is not right: exit status 2. */
export class UsageError extends UnrolledError {
  constructor(message: string, hint?: string) {
    super('usage', message, hint);
  }
}

interface Described {
  /** One sentence without its full stop. */
  readonly description: string;
}

export type Flag = Described &
  (
    | { readonly type: 'switch' }
    | { readonly type: 'integer' | 'number'; readonly minimum: number; readonly maximum: number }
    /** value: what stands for it in the help, "FILE". `list`: may be given several times. */
    | { readonly type: 'text' | 'list'; readonly value: string }
    | { readonly type: 'choice'; readonly choices: readonly string[] }
  );

export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F extends { readonly type: 'switch' }
  ? boolean
  : F extends { readonly type: 'integer' | 'number' }
    ? number
    : F extends { readonly type: 'list' }
      ? readonly string[]
      : F extends { readonly type: 'choice'; readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The flags that were given. */
export type FlagValues<F extends Flags> = { readonly [Name in keyof F]?: ValueOf<F[Name]> };

export interface ParsedFlags<F extends Flags> {
  readonly values: FlagValues<F>;
  readonly positionals: readonly string[];
}

/** Throws UsageError naming the flag, its value and what would be right. A switch can be turned off: --no-NAME. */
export function parseFlags<F extends Flags>(args: readonly string[], flags: F): ParsedFlags<F> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type }]) => [
      name,
      { type: type === 'switch' ? 'boolean' : 'string' } as const,
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, unknown>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      positionals.push(token.value);
    } else if (token.kind === 'option') {
      const off = token.rawName.startsWith('--no-') && flags[token.name.slice(3)]?.type === 'switch';
      const name = off ? token.name.slice(3) : token.name;
      const flag = Object.hasOwn(flags, name) && token.rawName.startsWith('--') ? flags[name] : undefined;
      if (flag === undefined) {
        throw unknownFlag(token.rawName, flags);
      }
      // Without "=", what looks like the next flag is one.
      const value = token.inlineValue === false && token.value.startsWith('--') ? undefined : token.value;
      if (flag.type === 'list') {
        const before = (values.get(name) ?? []) as readonly string[];
        values.set(name, [...before, readText(name, flag.value, value)]);
      } else {
        values.set(name, readValue(name, flag, value, !off));
      }
    }
  }
  return { values: Object.fromEntries(values) as FlagValues<F>, positionals };
}

function readValue(name: string, flag: Flag, value: string | undefined, on: boolean): unknown {
  switch (flag.type) {
    case 'switch':
      if (value !== undefined) {
        throw new UsageError(`--${name} takes no value; it was given "${value}"`);
      }
      return on;
    case 'integer':
    case 'number':
      return readNumber(name, flag, value);
    case 'choice':
      return readChoice(name, flag.choices, value);
    case 'text':
    case 'list':
      return readText(name, flag.value, value);
  }
}

function readNumber(name: string, flag: Extract<Flag, { minimum: number }>, value: string | undefined): number {
  const number = value === undefined || value.trim() === '' ? NaN : Number(value);
  const whole = flag.type === 'integer';
  if (!(number >= flag.minimum && number <= flag.maximum) || (whole && !Number.isInteger(number))) {
    const range = `a ${whole ? 'whole ' : ''}number from ${flag.minimum} to ${flag.maximum}`;
    throw new UsageError(
      value === undefined ? `--${name} needs a value, ${range}` : `--${name} is "${value}"; it must be ${range}`,
    );
  }
  return number;
}

function readChoice(name: string, choices: readonly string[], value: string | undefined): string {
  const listed = choices.join(', ');
  if (value === undefined) {
    throw new UsageError(`--${name} needs a value, one of ${listed}`);
  }
  if (!choices.includes(value)) {
    const meant = nearest(value, choices);
    throw new UsageError(
      `--${name} is "${value}"; it must be one of ${listed}${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`,
    );
  }
  return value;
}

function readText(name: string, placeholder: string, value: string | undefined): string {
  if (value === undefined || value === '') {
    throw new UsageError(`--${name} needs a value: --${name} ${placeholder}`);
  }
  return value;
}

function unknownFlag(rawName: string, flags: Flags): UsageError {
  const known = Object.keys(flags).map((name) => `--${name}`);
  const meant = nearest(rawName, known);
  return new UsageError(
    `the flag ${rawName} is not known; ` +
      (meant !== undefined
        ? `did you mean ${meant}?`
        : known.length > 0
          ? `known here are ${known.join(', ')}`
          : 'there are none here'),
  );
}
