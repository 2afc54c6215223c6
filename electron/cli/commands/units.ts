import { propertiesOf, sequenceText, type Property } from '../../../engine/explain/properties.ts';
import { rankUnits, type MarkedValues, type Tracking } from '../../../engine/explain/tracking.ts';
import { InputError } from '../../../engine/errors.ts';
import { nearest } from '../../../engine/nearest.ts';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { table } from '../format.ts';
import { examinationOf, examplesOf, lookAt, placeFlags } from '../looked-at.ts';
import { machineFlags } from '../machine-flags.ts';

const TRACES = [
  'hidden',
  'cell',
  'forget',
  'input',
  'candidate',
  'output',
  'reset',
  'update',
  'preactivation',
] as const;
/** Steps of a window, where the data are one text. */
const WINDOW = 256;

export const units = defineCommand({
  name: 'units',
  summary: 'Find the units that track a property of what the model reads',
  usage: ['DIR [--property NAME] [FLAGS]', 'CHECKPOINT.safetensors [--property NAME] [FLAGS]'],
  description: [
    'The model reads items of its task’s data, and its units are ranked by how well their value tells steps that have the ' +
      'property from steps that have not: the area under the ROC curve, 0.5 for chance, 1 for a unit that is always ' +
      'higher there, 0 for one that is always lower. Without --property, the best unit for each property is shown.',
  ],
  flags: {
    property: { type: 'text', value: 'NAME', description: 'Such as "vowel" or "second T"; without it, all are tried' },
    trace: { type: 'choice', choices: TRACES, description: 'Which value of a unit (hidden)' },
    ...placeFlags,
    items: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Items that are read (100; of one text, 20)' },
    top: { type: 'integer', minimum: 1, maximum: 1000, description: 'Units that are shown (10)' },
    best: bestFlag,
    json: jsonFlag,
    build: machineFlags.build,
  },
  examples: [
    { line: 'units runs/whale --property quotation', what: 'Who knows that it is inside a quotation?' },
    { line: 'units runs/reber --trace cell', what: 'What do cell states keep?' },
  ],
  arguments: [1, 1],
  async run(flags, [path = ''], terminal) {
    const { layer = 1, reverse = false, top = 10, trace = 'hidden' } = flags;
    const looked = lookAt(path, flags.best, layer, reverse, flags.workspace);
    const { codec, model } = looked;
    const items = flags.items ?? (codec.kind === 'language' ? 20 : 100);
    const examples = await examplesOf(looked, flags.part, 0, items, WINDOW);
    const examination = await examinationOf(looked, Math.max(...examples.map(({ steps }) => steps)), flags.build);
    const properties = chosen(
      propertiesOf(
        codec.input,
        examples.some(({ dates }) => dates !== undefined),
      ),
      flags.property,
    );
    const read = examples.map((example) => {
      examination.read(example);
      const values = examination.reading(layer - 1, reverse).traces[trace];
      if (!values) throw new InputError(`the cell "${model.cell}" has no ${trace}`);
      return { values, text: sequenceText(codec.input, example) };
    });
    const ranked = properties.map((property) => ({
      property: property.name,
      units: rankUnits(
        read.map(({ values, text }): MarkedValues => ({ values, marks: property.marks(text) })),
        model.hiddenSize,
      ),
    }));
    if (flags.property !== undefined && ranked[0]?.units.length === 0) {
      throw new InputError(`"${flags.property}" is true of none of the steps that were read, or of all of them`);
    }
    const steps = read.reduce((sum, { text }) => sum + text.symbols.length, 0);
    if (flags.json) {
      const plain = ({ unit, ...rest }: Tracking) => ({ unit: unit + 1, ...rest });
      const shown = ranked.map(({ property, units: list }) => ({ property, units: list.slice(0, top).map(plain) }));
      terminal.line(JSON.stringify({ checkpoint: looked.source.path, layer, trace, steps, properties: shown }));
      return 0;
    }
    terminal.line(`${trace} of layer ${layer}, ${steps} steps of ${examples.length} items`);
    const rows = ranked.flatMap(({ property, units: list }) =>
      list.slice(0, flags.property === undefined ? 1 : top).map((tracking) => row(property, tracking)),
    );
    const head = ['property', 'unit', 'area', 'where true', 'elsewhere'];
    for (const line of table([head, ...rows], [1, 2, 3, 4])) terminal.line(line);
    return 0;
  },
});

function row(property: string, { unit, area, inside, outside }: Tracking): readonly string[] {
  return [property, String(unit + 1), area.toFixed(3), inside.toFixed(3), outside.toFixed(3)];
}

function chosen(all: readonly Property[], name: string | undefined): readonly Property[] {
  if (name === undefined) return all;
  const property = all.find((candidate) => candidate.name === name);
  if (property) return [property];
  const names = all.map((candidate) => candidate.name);
  const meant = nearest(name, names);
  throw new InputError(
    `the property "${name}" is not known here; ` +
      (meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`),
  );
}
