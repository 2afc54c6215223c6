import { InputError } from '../../../engine/errors.ts';
import { checkModelSuitsTask } from '../../../engine/experiment/plan.ts';
import type { Decoding } from '../../../engine/models/decode.ts';
import { fitInput, lengthLimits } from '../../../engine/models/input-length.ts';
import { attentionMaps, longestTarget, Translator, type AttentionMap } from '../../../engine/models/translator.ts';
import { bestFlag, defineCommand } from '../command.ts';
import { codecOf, openCheckpoint, singleCore } from '../checkpoint-source.ts';
import { UsageError } from '../flags.ts';
import { figure, table } from '../format.ts';
import { machineFlags } from '../machine-flags.ts';

/** Symbols of a source for which its attention still fits on a page. */
const MOST_COLUMNS = 48;
/** From little to much attention. */
const SHADES = [' ', '·', '░', '▒', '▓', '█'];

export const translate = defineCommand({
  name: 'translate',
  summary: 'Turn a source into a target: the decoding, its alternatives, where the model looked',
  usage: ['DIR --source S [FLAGS]', 'CHECKPOINT.safetensors --source S [FLAGS]'],
  description: [
    'The target is written symbol by symbol: the most probable one each time, or, with --beam N, the best of N ' +
      'hypotheses that are kept side by side. Decodings are ordered by their mean log-probability a symbol. A model with ' +
      'attention also shows where it looked for each symbol; with --json as numbers. The dataset is not needed.',
  ],
  flags: {
    source: { type: 'text', value: 'S', description: 'What to translate' },
    beam: { type: 'integer', minimum: 1, maximum: 64, description: 'Hypotheses that are kept; 1 where not given' },
    length: {
      type: 'integer',
      minimum: 1,
      maximum: 4096,
      description: 'The most symbols to write; 100 where not given',
    },
    best: bestFlag,
    json: { type: 'switch', description: 'Write JSON for machines, attention weights included' },
    build: machineFlags.build,
  },
  examples: [
    { line: 'translate runs/dates --source "3. Februar 2001"', what: 'One date.' },
    { line: 'translate runs/dates --source "3. Februar 2001" --beam 5 --json', what: 'Five decodings, for a machine.' },
  ],
  arguments: [1, 1],
  async run({ source: given, beam = 1, length, best, json, build }, [path = ''], terminal) {
    if (given === undefined) throw new UsageError('--source is missing: the text to translate');
    const checkpoint = openCheckpoint(path, best);
    const codec = codecOf(checkpoint);
    const { experiment, model: weights } = checkpoint.checkpoint;
    const { target, output } = codec;
    if (!target || output.kind !== 'labels') {
      throw new InputError(
        `${checkpoint.path} was trained on ${experiment.task.id}, a ${codec.kind} task; only translations are translated`,
        'unrolled predict gives its answers to your own input',
      );
    }
    checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
    const encoded = fitInput(lengthLimits(experiment, codec.kind), codec.encode(given));
    const steps = longestTarget(experiment, length);
    const translator = await Translator.load({
      core: await singleCore(build),
      experiment,
      codec,
      weights,
      sourceSteps: encoded.steps,
      steps,
      beams: beam,
      sourceName: checkpoint.path,
    });
    const decodings = translator.translate(encoded);
    const [first] = decodings;
    if (!first) throw new Error('A search has found nothing.');
    const attention = attentionMaps(first);
    const symbolOf = (label: number) => output.labels[label] ?? '';
    const told = decodings.map((decoding) => tell(decoding, target.write(decoding.symbols), symbolOf));
    if (json) {
      const [decoding, ...alternatives] = told;
      terminal.line(
        JSON.stringify({ checkpoint: checkpoint.path, source: given, beam, ...decoding, alternatives, attention }),
      );
      return 0;
    }
    terminal.line(told[0]!.target);
    if (told.length > 1) {
      terminal.line();
      const rows = told.map(({ target: text, score, logProbability, ended }) => [
        text,
        figure(score),
        figure(logProbability),
        ended ? '' : 'without end',
      ]);
      for (const line of table([['decoding', 'score', 'log-probability', ''], ...rows], [1, 2])) terminal.line(line);
    }
    const columns = symbolsOf(given, encoded.steps);
    if (columns.length <= MOST_COLUMNS) {
      const headsOf = ({ name }: AttentionMap) => attention.filter((other) => other.name === name).length;
      const written = [...first.symbols.map(symbolOf), ...(first.ended ? ['end'] : [])];
      for (const line of attention.flatMap((map) => drawn(map, headsOf(map), columns, written))) terminal.line(line);
    }
    return 0;
  },
});

interface Told {
  readonly target: string;
  readonly score: number;
  readonly logProbability: number;
  readonly ended: boolean;
  readonly symbols: readonly { readonly symbol: string; readonly probability: number }[];
}

function tell(
  { symbols: labels, steps, score, logProbability, ended }: Decoding,
  target: string,
  symbolOf: (label: number) => string,
): Told {
  const symbols = labels.map((label, t) => ({ symbol: symbolOf(label), probability: steps[t]?.probability ?? NaN }));
  return { target, score, logProbability, ended, symbols };
}

/** As many symbols as the source has steps: characters, or words. */
function symbolsOf(source: string, steps: number): readonly string[] {
  const characters = Array.from(source);
  return characters.length === steps ? characters : source.split(' ').filter((word) => word !== '');
}

/** Rows are the symbols written, columns those of the source. */
function drawn(
  { name, head: number, weights }: AttentionMap,
  heads: number,
  source: readonly string[],
  written: readonly string[],
): readonly string[] {
  const width = Math.max(...written.map((symbol) => symbol.length));
  const short = source.every((symbol) => symbol.length === 1);
  const head = short ? source : source.map((symbol) => symbol.slice(0, 1));
  return [
    '',
    `${name}${heads > 1 ? `, head ${number + 1}` : ''}: for each symbol written, where in the source`,
    `${' '.repeat(width)}  ${head.join('')}`,
    ...weights.map((row, t) => `${(written[t] ?? '').padStart(width)}  ${row.map(shade).join('')}`),
  ];
}

function shade(weight: number): string {
  return SHADES[Math.min(SHADES.length - 1, Math.ceil(weight * (SHADES.length - 1) - 0.1))] ?? ' ';
}
