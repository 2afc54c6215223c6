/** In the worker: one sequence through one layer of a model, every part of its cells recorded and every number explained. */
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { cellQuantity, type CellReading } from '../../engine/explain/cell-quantities.ts';
import { derivedParts } from '../../engine/explain/derived-parts.ts';
import { applyEdits, formatEdits, parseEdits, type Edit } from '../../engine/explain/edits.ts';
import { Examination, type Outcome } from '../../engine/explain/examination.ts';
import { formatHolds, parseHolds, type Hold } from '../../engine/explain/holds.ts';
import { propertiesOf, sequenceText } from '../../engine/explain/properties.ts';
import type { Quantity } from '../../engine/explain/quantity.ts';
import { findPattern, rankUnits, type Pattern, type Stretch, type Tracking } from '../../engine/explain/tracking.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import { keyText, type ModelKey } from './model-key.ts';
import type { Models } from './models.ts';
import type { PartTraces, Reading, Recording } from './recording.ts';
import { readingOf, readSource, type Source } from './source.ts';

export interface ExamineArgs {
  readonly key: ModelKey;
  readonly source: Source;
  readonly layer: number;
  readonly reverse: boolean;
  /** As engine/explain/holds.ts reads it. */
  readonly held: string;
  /** What is changed of the sequence, as engine/explain/edits.ts reads it. */
  readonly edited: string;
}

/** Items of the data, read one after the other. */
export interface SurveyArgs {
  readonly key: ModelKey;
  readonly layer: number;
  readonly reverse: boolean;
  /** The trace of the layer that is looked at. */
  readonly part: string;
  readonly examples: readonly Example[];
}

export interface Examined {
  /** The sequence, and what the model as it is makes of it; absent where the page has them. */
  readonly original: { readonly reading: Reading; readonly recording: Recording } | undefined;
  /** With what is held and what is changed of the input; absent where nothing is. */
  readonly changed: Recording | undefined;
  readonly holds: readonly Hold[];
  readonly edits: readonly Edit[];
}

interface Looked {
  readonly of: string;
  readonly example: Example;
  readonly reading: CellReading;
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly outcome: Outcome;
  readonly edits: readonly Edit[];
}

/** Sequences that differ little in length use the same memory. */
const STEPS = 64;
/** Examinations, and passes, that are kept: of the models that are compared. */
const MOST_KEPT = 6;

export class Examiner {
  readonly #models: Models;
  readonly #examinations = new Map<string, Promise<Examination>>();
  #looked: readonly Looked[] = [];

  constructor(models: Models) {
    this.#models = models;
  }

  /** `known`: the page has the sequence and the unchanged model's recording already. */
  async examine({ known, ...args }: ExamineArgs & { readonly known: boolean }): Promise<Examined> {
    const original = await this.#look({ ...args, held: '', edited: '' });
    const changed = await this.#look(args);
    const { codec } = this.#models.get(args.key);
    return {
      original: known ? undefined : { reading: readingOf(original.example, codec), recording: recordingOf(original) },
      changed: changed === original ? undefined : recordingOf(changed),
      holds: changed.reading.holds,
      edits: changed.edits,
    };
  }

  /** Every unit by how well it tells a property over all of the items, the best first. */
  async track({ property, ...args }: SurveyArgs & { readonly property: string }): Promise<readonly Tracking[]> {
    const { input } = this.#models.get(args.key).codec;
    const dated = args.examples.some(({ dates }) => dates !== undefined);
    const asked = propertiesOf(input, dated).find(({ name }) => name === property);
    if (asked === undefined) throw new Error(`There is no property ${property}.`);
    const { values, units } = await this.#survey(args);
    return rankUnits(
      args.examples.map((example, i) => ({ values: values[i]!, marks: asked.marks(sequenceText(input, example)) })),
      units,
    );
  }

  /** The stretches of the items in which all units of a pattern are on, the longest first. */
  async places(
    args: SurveyArgs & { readonly pattern: readonly Pattern[]; readonly most: number },
  ): Promise<readonly Stretch[]> {
    const { values, units } = await this.#survey(args);
    return findPattern(args.pattern, values, units, args.most);
  }

  async #survey({ key, layer, reverse, part, examples }: SurveyArgs) {
    const examination = await this.#examination(key, Math.max(1, ...examples.map(({ steps }) => steps)));
    const values = examples.map(({ targetLabels: _, targetValues: __, ...example }) => {
      // Without targets nothing is asked of it, and no gradient is computed.
      examination.read(example);
      const reading = examination.reading(layer, reverse);
      return reading.traces[part] ?? derivedParts(reading)[part] ?? new Float32Array();
    });
    return { values, units: examination.spec.hiddenSize };
  }

  /** One number of the pass with its formula and operands. Throws where there is none of that key. */
  async quantity({ quantity, ...args }: ExamineArgs & { readonly quantity: string }): Promise<Quantity> {
    return cellQuantity((await this.#look(args)).reading, quantity);
  }

  async #look({ key, source, layer, reverse, held, edited }: ExamineArgs): Promise<Looked> {
    const { codec, experiment } = this.#models.get(key);
    const holds = holdsOf(held, experiment);
    const edits = parseEdits(edited, codec.input);
    const of = JSON.stringify([key, source.id, layer, reverse, formatHolds(holds), formatEdits(edits)]);
    const known = this.#looked.find((looked) => looked.of === of);
    if (known !== undefined) {
      this.#looked = [known, ...this.#looked.filter((looked) => looked !== known)];
      return known;
    }
    const example = applyEdits(readSource(source, codec), edits, codec.input);
    const examination = await this.#examination(key, example.steps);
    const outcome = examination.read(example, holds);
    const looked = {
      of,
      example,
      reading: examination.reading(layer, reverse),
      gradients: examination.gradients(layer, reverse),
      outcome,
      edits,
    };
    this.#looked = [looked, ...this.#looked].slice(0, MOST_KEPT);
    return looked;
  }

  #examination(key: ModelKey, steps: number): Promise<Examination> {
    const room = Math.ceil(steps / STEPS) * STEPS;
    const text = `${keyText(key)} ${room}`;
    const known = this.#examinations.get(text) ?? this.#start(key, room);
    this.#examinations.delete(text);
    this.#examinations.set(text, known);
    const [oldest] = this.#examinations.keys();
    if (this.#examinations.size > MOST_KEPT && oldest !== undefined) this.#examinations.delete(oldest);
    known.catch(() => this.#examinations.delete(text));
    return known;
  }

  async #start(key: ModelKey, steps: number): Promise<Examination> {
    const { experiment, codec, weights, name } = this.#models.get(key);
    const core = await this.#models.core();
    return Examination.load({ core, experiment, codec, weights, steps, sourceName: name });
  }
}

/** Throws InputError where what is held is not of this model. */
function holdsOf(text: string, { model }: Experiment): readonly Hold[] {
  if (model.architecture !== 'recurrent') return [];
  const { cell, layers, bidirectional, hiddenSize } = model;
  return parseHolds(text, { cell, layers, bidirectional, units: hiddenSize });
}

/** What may be handed over of an answer: nobody here keeps it. */
export function buffersOf({ original, changed }: Examined): readonly ArrayBuffer[] {
  return [original?.recording, changed].flatMap((told) => (told ? [told.outputs.buffer as ArrayBuffer] : []));
}

// A copy, all in one buffer: the pass itself is kept here, for what is asked of its numbers.
function recordingOf({ reading, gradients, outcome }: Looked): Recording {
  const { steps, units, cell, reverse, traces, start } = reading;
  const { hidden, cell: startCell } = start ?? {};
  const all = [...Object.values(traces), ...Object.values(gradients), hidden, startCell, outcome.outputs];
  const buffer = new Float32Array(all.reduce((sum, values) => sum + (values?.length ?? 0), 0));
  let used = 0;
  const copy = (values: Float32Array): Float32Array => {
    const own = buffer.subarray(used, (used += values.length));
    own.set(values);
    return own;
  };
  const copies = (parts: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, copy(values)]));
  return {
    cell,
    steps,
    units,
    reverse,
    traces: copies(traces),
    ...(hidden && { start: { hidden: copy(hidden), ...(startCell && { cell: copy(startCell) }) } }),
    gradients: Object.keys(gradients).length > 0 ? named(copies(gradients)) : undefined,
    outputs: copy(outcome.outputs),
    outputWidth: outcome.width,
    loss: outcome.loss,
  };
}

/** The engine names its traces as the parts of a cell are called. */
function named(traces: Readonly<Record<string, Float32Array>>): PartTraces {
  return traces;
}
