/** In the worker: one sequence through one layer of a model, every part of its cells recorded and every number explained. */
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { cellQuantity, type CellReading } from '../../engine/explain/cell-quantities.ts';
import { Examination, type Outcome } from '../../engine/explain/examination.ts';
import { formatHolds, parseHolds, type Hold } from '../../engine/explain/holds.ts';
import type { Quantity } from '../../engine/explain/quantity.ts';
import type { CellKind } from '../../engine/layers/cells.ts';
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
}

export interface Examined {
  readonly reading: Reading;
  /** As the model is; absent where the page has it. */
  readonly recording: Recording | undefined;
  /** With what is held; absent where nothing is. */
  readonly changed: Recording | undefined;
  readonly holds: readonly Hold[];
}

interface Looked {
  readonly of: string;
  readonly sequence: Reading;
  readonly reading: CellReading;
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly outcome: Outcome;
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

  /** `known`: the page has the unchanged model's recording already. */
  async examine({ known, ...args }: ExamineArgs & { readonly known: boolean }): Promise<Examined> {
    const original = await this.#look({ ...args, held: '' });
    const changed = await this.#look(args);
    return {
      reading: original.sequence,
      recording: known ? undefined : recordingOf(original),
      changed: changed === original ? undefined : recordingOf(changed),
      holds: changed.reading.holds,
    };
  }

  /** One number of the pass with its formula and operands. Throws where there is none of that key. */
  async quantity({ quantity, ...args }: ExamineArgs & { readonly quantity: string }): Promise<Quantity> {
    return cellQuantity((await this.#look(args)).reading, quantity);
  }

  async #look({ key, source, layer, reverse, held }: ExamineArgs): Promise<Looked> {
    const { codec, experiment } = this.#models.get(key);
    const holds = holdsOf(held, experiment);
    const of = JSON.stringify([key, source.id, layer, reverse, formatHolds(holds)]);
    const known = this.#looked.find((looked) => looked.of === of);
    if (known !== undefined) {
      this.#looked = [known, ...this.#looked.filter((looked) => looked !== known)];
      return known;
    }
    const example = readSource(source, codec);
    const examination = await this.#examination(key, example.steps);
    const outcome = examination.read(example, holds);
    const looked = {
      of,
      sequence: readingOf(example, codec),
      reading: examination.reading(layer, reverse),
      gradients: examination.gradients(layer, reverse),
      outcome,
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

function recordingOf({ reading, gradients, outcome }: Looked): Recording {
  const { steps, units, cell } = reading;
  return {
    cell,
    steps,
    units,
    parts: { ...named(reading.traces), ...between(reading) },
    gradients: Object.keys(gradients).length > 0 ? named(gradients) : undefined,
    outputs: outcome.outputs,
    outputWidth: outcome.width,
    loss: outcome.loss,
  };
}

/** The engine names its traces as the parts of a cell are called. */
function named(traces: Readonly<Record<string, Float32Array>>): PartTraces {
  return traces;
}

/** What gates and states make on the way from one step to the next, as cell-quantities.ts defines it, for all units. */
function between({ cell, traces, units, reverse, start }: CellReading): PartTraces {
  const of = (name: string): Float32Array => traces[name] ?? new Float32Array();
  const hiddenBefore = shifted(of('hidden'), units, reverse, start?.hidden);
  const made: Readonly<Record<CellKind, () => PartTraces>> = {
    rnn: () => ({}),
    lstm: () => {
      const cellBefore = shifted(of('cell'), units, reverse, start?.cell);
      return {
        cellBefore,
        kept: times(of('forget'), cellBefore),
        written: times(of('input'), of('candidate')),
        squashed: of('cell').map(Math.tanh),
      };
    },
    gru: () => {
      const complement = of('update').map((z) => 1 - z);
      return {
        complement,
        kept: times(of('update'), hiddenBefore),
        written: times(complement, of('candidate')),
        resetRecurrent: times(of('reset'), of('recurrent')),
      };
    },
  };
  return { hiddenBefore, ...made[cell]() };
}

function times(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value * b[i]!);
}

/** Each step's value at the step after it, and `first` at the beginning: zeros where it is not given. */
function shifted(values: Float32Array, units: number, reverse: boolean, first?: Float32Array): Float32Array {
  const moved = new Float32Array(values.length);
  if (reverse) moved.set(values.subarray(units));
  else moved.set(values.subarray(0, values.length - units), units);
  if (first !== undefined) moved.set(first, reverse ? values.length - units : 0);
  return moved;
}
