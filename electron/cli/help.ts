import type { Command } from './command.ts';
import type { Flag } from './flags.ts';
import { table } from './format.ts';

/** The program and its commands. */
export function overview(commands: readonly Command[]): string {
  return [
    'Unrolled: an offline laboratory for sequence models.',
    '',
    'Usage: unrolled COMMAND [ARGUMENTS]',
    '',
    ...indented(table(commands.map(({ name, summary }) => [name, summary]))),
    '',
    'From the project folder: npm run -s unrolled -- COMMAND ...',
    '"unrolled help COMMAND" tells more about a command.',
  ].join('\n');
}

/** All of one command. */
export function helpOf({ name, usage, description, flags, examples }: Command): string {
  const lines = [...usage.map((way, i) => `${i === 0 ? 'Usage:' : '      '} unrolled ${name} ${way}`.trimEnd())];
  for (const paragraph of description) {
    lines.push('', ...wrapped(paragraph));
  }
  if (Object.keys(flags).length > 0) {
    const rows = Object.entries(flags).map(([flag, { description: what, ...rest }]) => [
      `--${flag}${placeholder(rest)}`,
      `${what}${choices(rest)}`,
    ]);
    lines.push('', 'Flags:', ...indented(table(rows)));
  }
  if (examples.length > 0) {
    lines.push('', 'Examples:');
    for (const { line, what } of examples) {
      lines.push(`  unrolled ${line}`, `      ${what}`);
    }
  }
  return lines.join('\n');
}

type Form = { [K in Flag as K['type']]: Omit<K, 'description'> }[Flag['type']];

function placeholder(flag: Form): string {
  switch (flag.type) {
    case 'switch':
      return '';
    case 'integer':
      return ' N';
    case 'number':
      return ' X';
    case 'choice':
      return ' NAME';
    case 'text':
    case 'list':
      return ` ${flag.value}`;
  }
}

function choices(flag: Form): string {
  return flag.type === 'choice' ? `: ${flag.choices.join(', ')}` : '';
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** Lines of at most 80 characters, broken at spaces. */
export function wrapped(text: string, width = 80): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
