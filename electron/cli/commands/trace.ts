import { applyEdits, formatEdits, parseEdits } from '../../../engine/explain/edits.ts';
import { formatHolds, parseHolds } from '../../../engine/explain/holds.ts';
import { InputError } from '../../../engine/errors.ts';
import { IGNORED, type TaskCodec } from '../../../engine/tasks/task.ts';
import type { Example } from '../../../engine/tasks/examples.ts';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { UsageError } from '../flags.ts';
import { figure, table } from '../format.ts';
import { examinationOf, examplesOf, lookAt, placeFlags, stepLabels, type LookedAt } from '../looked-at.ts';
import { machineFlags } from '../machine-flags.ts';
import { readInput } from '../read-input.ts';

/** Columns of the table, in this order, of those a cell has. */
const SHOWN = ['preactivation', 'reset', 'update', 'forget', 'input', 'candidate', 'output', 'cell', 'hidden'];

export const trace = defineCommand({
  name: 'trace',
  summary: 'Show the gates and states of a model as it reads a sequence, as it is or with some of them held',
  usage: ['DIR --input INPUT.json|-|JSON [FLAGS]', 'DIR --item N [FLAGS]', 'CHECKPOINT.safetensors --input … [FLAGS]'],
  description: [
    'Every value of one layer, by step and unit: what the gates view of the app draws. The text shows one unit; --json has ' +
      'all of them, [steps][units], with outputs and losses, and with --gradients the gradient of the mean loss.',
    '--hold puts gates or states at a value: "forget=1@3-9:12" holds the forget gate of unit 12 at 1 from step 3 to 9; ' +
      'without steps or units, all of them. "l2.reverse.input=0" names another layer or direction. What follows from it, ' +
      'gradients included, is computed by the model. --change reads another symbol or number at a step and asks for the ' +
      'same answers. Steps, units, layers and inputs count from 1.',
  ],
  flags: {
    input: { type: 'text', value: 'INPUT', description: 'The sequence, in the form that "predict" reads' },
    item: {
      type: 'integer',
      minimum: 0,
      maximum: 1e9,
      description: 'In its place, an item of the task’s data, from 0',
    },
    steps: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      description: 'Length of the item where the data are one text (64)',
    },
    ...placeFlags,
    unit: { type: 'integer', minimum: 1, maximum: 1e6, description: 'Which unit the text shows, from 1 (1)' },
    hold: { type: 'list', value: 'HOLD', description: 'What to hold; may be given several times' },
    clamp: { type: 'list', value: 'HOLD', description: 'Another word for --hold' },
    change: { type: 'list', value: 'CHANGE', description: 'What to change of the input, as 4="T" or 9:2=0.5' },
    gradients: { type: 'switch', description: 'The gradients too, where the sequence has a target' },
    best: bestFlag,
    json: jsonFlag,
    build: machineFlags.build,
  },
  examples: [
    { line: `trace runs/whale --input '"Call me Ishmael."' --unit 5`, what: 'One unit as it reads.' },
    { line: 'trace runs/reber --item 3 --hold forget=1 --json', what: 'What if it could not forget?' },
  ],
  arguments: [1, 1],
  async run(flags, [path = ''], terminal) {
    const { layer = 1, reverse = false, unit = 1 } = flags;
    const looked = lookAt(path, flags.best, layer, reverse, flags.workspace);
    const { model } = looked;
    if (unit > model.hiddenSize) throw new InputError(`there is no unit ${unit}: the layer has ${model.hiddenSize}`);
    const limits = { ...model, units: model.hiddenSize };
    const holds = parseHolds([...(flags.hold ?? []), ...(flags.clamp ?? [])].join('; '), limits);
    const { input } = looked.codec;
    const edits = parseEdits((flags.change ?? []).join('; '), input);
    const example = applyEdits(await exampleOf(looked, flags), edits, input);
    const examination = await examinationOf(looked, example.steps, flags.build);
    const outcome = examination.read(example, holds);
    const { traces, steps, units } = examination.reading(layer - 1, reverse);
    const gradients = flags.gradients ? examination.gradients(layer - 1, reverse) : {};
    const labels = stepLabels(looked.codec, example);
    if (flags.json) {
      const rows = (values: Float32Array, width: number) =>
        Array.from({ length: values.length / width }, (_, t) => [...values.subarray(t * width, (t + 1) * width)]);
      const named = (of: Readonly<Record<string, Float32Array>>) =>
        Object.fromEntries(Object.entries(of).map(([name, values]) => [name, rows(values, units)]));
      terminal.line(
        JSON.stringify({
          checkpoint: looked.source.path,
          update: looked.source.checkpoint.progress.update,
          cell: model.cell,
          layer,
          direction: reverse ? 'reverse' : 'forward',
          steps,
          units,
          symbols: labels,
          holds: formatHolds(holds),
          changes: formatEdits(edits),
          traces: named(traces),
          ...(flags.gradients ? { gradients: named(gradients) } : {}),
          outputs: rows(outcome.outputs, outcome.width),
          loss: outcome.loss,
        }),
      );
      return 0;
    }
    const direction = reverse ? ', reverse' : '';
    terminal.line(`${looked.experiment.task.id}, layer ${layer}${direction}, unit ${unit} of ${units}`);
    if (holds.length > 0) terminal.line(`held: ${formatHolds(holds)}`);
    if (edits.length > 0) terminal.line(`changed: ${formatEdits(edits)}`);
    const columns = SHOWN.flatMap((name) => (traces[name] ? [[name, traces[name]] as const] : []));
    const slopes = columns.flatMap(([name]) => (gradients[name] ? [[`d ${name}`, gradients[name]] as const] : []));
    const all = [...columns, ...slopes];
    const body = labels.map((label, t) => [
      String(t + 1),
      label === '\n' ? '\\n' : label,
      ...all.map(([, values]) => figure(values[t * units + unit - 1]!)),
    ]);
    for (const line of table([['step', '', ...all.map(([name]) => name)], ...body], [0, ...all.map((_, i) => i + 2)])) {
      terminal.line(line);
    }
    if (outcome.loss !== null) terminal.line(`mean loss: ${figure(outcome.loss)}`);
    return 0;
  },
});

interface Asked {
  readonly input?: string;
  readonly item?: number;
  readonly steps?: number;
  readonly part?: 'train' | 'validation';
}

async function exampleOf(looked: LookedAt, { input, item, steps = 64, part }: Asked): Promise<Example> {
  if ((input === undefined) === (item === undefined)) {
    throw new UsageError('either --input (a file, "-", or JSON itself) or --item (a number) says what is read');
  }
  if (input !== undefined) return typed(looked.codec, input);
  const [example] = await examplesOf(looked, part, item ?? 0, 1, steps);
  if (!example) throw new InputError(`the data have no item ${item ?? 0}: they count from 0`);
  return example;
}

/** Text is its own target: each symbol is what should follow the one before. */
async function typed(codec: TaskCodec, input: string): Promise<Example> {
  const encoded = codec.encode(await readInput(input));
  const example = { ...encoded, text: input, target: '' };
  if (codec.kind !== 'language' || encoded.tokens === undefined) return example;
  const targetLabels = new Int32Array(encoded.steps).fill(IGNORED);
  targetLabels.set(encoded.tokens.subarray(1));
  return { ...example, targetLabels };
}
