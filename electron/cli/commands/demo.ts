import { defineCommand } from '../command.ts';
import { experimentFlags, experimentFrom } from '../experiment-flags.ts';
import { wrapped } from '../help.ts';
import { machineFlags } from '../machine-flags.ts';
import { preset } from '../../experiments/presets.ts';
import { PROGRAM } from '../program.ts';
import { textReporter } from '../report-text.ts';
import { quoted } from '../shell.ts';
import { trainNew } from '../training.ts';
import { defaultFolder } from './train.ts';

const INTRODUCTION =
  'An LSTM reads Moby-Dick, character by character, and learns to guess what comes next. It knows nothing to begin ' +
  'with, neither words nor letters. After each evaluation it writes a little, so that you can see what it has learnt. ' +
  'Ctrl-C stops it whenever you like and keeps what it has learnt.';

export const demo = defineCommand({
  name: 'demo',
  summary: 'Watch an LSTM learn to write from a book',
  usage: ['[FLAGS]'],
  description: ['Trains the experiment experiments/moby-dick.json and says what to try next.'],
  flags: {
    out: { type: 'text', value: 'DIR', description: 'Run folder to make; runs/moby-dick-lstm-TIME where not given' },
    ...machineFlags,
    epochs: experimentFlags.epochs,
    updates: experimentFlags.updates,
    seed: experimentFlags.seed,
  },
  examples: [{ line: 'demo', what: 'What "npm start" does.' }],
  arguments: [0, 0],
  async run({ out, threads, build, ...settings }, _positionals, terminal) {
    const experiment = experimentFrom(settings, preset('moby-dick'));
    const folder = out ?? defaultFolder(experiment);
    for (const line of [...wrapped(INTRODUCTION), '']) {
      terminal.line(line);
    }
    const status = await trainNew(experiment, folder, { threads, build }, textReporter(terminal, PROGRAM));
    if (status === 0) {
      for (const line of whatNext(folder)) {
        terminal.line(line);
      }
    }
    return status;
  },
});

function whatNext(folder: string): readonly string[] {
  return [
    '',
    'What to try next:',
    `  ${PROGRAM} sample ${quoted(folder)} --prompt "Call me" --temperature 0.5`,
    '      Let it go on from your words; higher temperatures are bolder.',
    `  ${PROGRAM} train --task adding --cell rnn`,
    '      A network without gates fails to remember over 100 steps; then try --cell lstm.',
    `  ${PROGRAM} train --task names-generate`,
    '      Grow first names, letter by letter.',
    `  ${PROGRAM} tasks`,
    '      See what else there is to learn.',
  ];
}
