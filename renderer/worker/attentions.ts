/** In the worker: what a model's attentions do with one sequence, every number explained. */
import {
  AttentionExamination,
  type AttentionKind,
  type SourceReach,
} from '../../engine/explain/attention-examination.ts';
import { attentionQuantity, type AttentionReading, type Rows } from '../../engine/explain/attention-quantities.ts';
import { NOTHING_CHANGED, parseDecodingChanges, type DecodingChanges } from '../../engine/explain/decoding-changes.ts';
import { lengthLimits, requirePositions } from '../../engine/models/input-length.ts';
import type { Quantity } from '../../engine/explain/quantity.ts';
import { sinusoid } from '../../engine/layers/token-embedding.ts';
import { longestTarget } from '../../engine/models/translator.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { visibleSymbol } from '../drawing/series.ts';
import type { ModelKey } from './model-key.ts';
import type { Models, OpenedModel } from './models.ts';
import type { Recording } from './recording.ts';
import { readingOf, readSource } from './source.ts';
import { checkSymbols, type TranslateArgs } from './translations.ts';

export interface AttentionArgs extends TranslateArgs {
  /** As traces begin; one that the model does not have: its first. */
  readonly name: string;
}

export interface PairGatesArgs extends Pick<TranslateArgs, 'key' | 'source'> {
  readonly half: 'encoder' | 'decoder';
  readonly layer: number;
  readonly reverse: boolean;
}

export interface PairGates {
  /** Symbols of the source; what the decoder was fed, nothing at first; what it wrote, nothing at the end. */
  readonly read: readonly string[];
  readonly fed: readonly string[];
  readonly written: readonly string[];
  readonly recording: Recording;
}

export interface ReachArgs extends Pick<TranslateArgs, 'key' | 'source'> {
  /** Labels that are written, the end included. */
  readonly path: readonly number[];
}

/** One attention, of all heads. */
export interface AttentionMaps extends AttentionKind {
  /** T and S */
  readonly steps: number;
  readonly keySteps: number;
  /** Of each head, [T, S]. */
  readonly maps: readonly Float32Array[];
}

/** One head opened. */
export interface HeadStages {
  readonly queries: Rows;
  readonly keys: Rows;
  readonly values: Rows;
  readonly context: Rows;
  /** As softmax takes them, [T, S]. */
  readonly scores: Float32Array;
  readonly weights: Float32Array;
}

/** What a model answers: [T, V] or [V]. */
export interface Answered {
  readonly outputs: Float32Array;
  readonly width: number;
  readonly steps: number;
  /** Of a translation: what was written. */
  readonly labels?: readonly number[];
}

/** [T, D] or [T, F] */
export interface LayerStage extends Rows {
  readonly part: LayerStageName;
}

export interface AttentionTold {
  /** Symbols of the source or of what is read; of a translation, what the decoder was fed and what it wrote. */
  readonly read: readonly string[];
  readonly fed: readonly string[];
  readonly written: readonly string[];
  readonly attentions: readonly AttentionMaps[];
  /** Of the attention that was asked for. */
  readonly name: string;
  readonly stages: readonly HeadStages[];
  /** What its layer goes on to make of it, by the keys' beginnings, in order; empty where there is no layer around it. */
  readonly layer: readonly LayerStage[];
  /** The encodings that are added to what the first layer reads: [positions, D]. */
  readonly positions: Rows;
  readonly answered: Answered;
  /** Without what is changed; absent where nothing is. */
  readonly before: Answered | undefined;
  readonly changes: DecodingChanges;
}

/** Of engine/explain/layer-parts.ts: those that are drawn. */
export const LAYER_STAGES = [
  'projected',
  'before',
  'residual',
  'sum',
  'read',
  'inner',
  'hidden',
  'given',
  'total',
  'output',
] as const;
export type LayerStageName = (typeof LAYER_STAGES)[number];

const ROOM = 16;
const MOST_KEPT = 3;
const LEAST_POSITIONS = 32;

interface Kept {
  readonly of: string;
  readonly examination: Promise<AttentionExamination>;
  update: number;
  /** What it has read last. */
  last: string;
  answered: Answered | undefined;
}

interface Looked {
  readonly examination: AttentionExamination;
  readonly answered: Answered;
}

export class Attentions {
  readonly #models: Models;
  #kept: readonly Kept[] = [];

  constructor(models: Models) {
    this.#models = models;
  }

  async look({ name, ...args }: AttentionArgs): Promise<AttentionTold> {
    const { codec } = this.#models.get(args.key);
    const before = args.changed === '' ? undefined : (await this.#look({ ...args, changed: '' })).answered;
    const { examination, answered } = await this.#look(args);
    const readings = examination.attentions.map((kind) => ({ kind, reading: examination.reading(kind.name) }));
    const chosen = readings.find(({ kind }) => kind.name === name) ?? readings[0];
    const example = readSource(args.source, codec);
    const written = codec.kind === 'translation' ? symbolsOf(answered, codec) : [];
    return {
      read: readingOf(example, codec).labels,
      fed: written.length === 0 ? [] : ['', ...written.slice(0, -1)],
      written,
      attentions: readings.map(({ kind, reading: { steps, keySteps, heads } }) => ({
        ...kind,
        steps,
        keySteps,
        maps: heads.map(({ weights }) => weights),
      })),
      name: chosen?.kind.name ?? '',
      stages: chosen?.reading.heads ?? [],
      layer: LAYER_STAGES.flatMap((part) => {
        const rows = chosen?.reading.layer?.get(`layer.${part}`)?.rows;
        return rows === undefined ? [] : [{ part, ...rows }];
      }),
      positions: positionsOf(this.#models.get(args.key), chosen?.kind, chosen?.reading.steps ?? 0),
      answered,
      before,
      changes: parseDecodingChanges(args.changed),
    };
  }

  /** The recurrent cells of an encoder or a decoder, as the model translates a source. */
  async gates({ half, layer, reverse, ...args }: PairGatesArgs): Promise<PairGates> {
    const { codec } = this.#models.get(args.key);
    const { examination, answered } = await this.#look({ ...args, changed: '' });
    const cells = examination.cells(half, layer, reverse);
    const written = symbolsOf(answered, codec);
    return {
      read: readingOf(readSource(args.source, codec), codec).labels,
      fed: ['', ...written.slice(0, -1)],
      written,
      recording: {
        ...cells,
        gradients: undefined,
        outputs: answered.outputs,
        outputWidth: answered.width,
        loss: null,
      },
    };
  }

  /** How far back into its source each symbol of a decoding reaches. */
  async reach({ key, source, path }: ReachArgs): Promise<SourceReach> {
    const { codec } = this.#models.get(key);
    const example = readSource(source, codec);
    checkSymbols(path, codec);
    const kept = await this.#examination(key, example);
    const examination = await kept.examination;
    // What was read last is there no more.
    kept.last = '';
    return examination.sourceReach(example.tokens ?? new Int32Array(), path);
  }

  /** One number of it. Throws where there is none of that key. */
  async quantity({ name, quantity, ...args }: AttentionArgs & { readonly quantity: string }): Promise<Quantity> {
    const { examination } = await this.#look(args);
    return attentionQuantity(this.#reading(examination, name), quantity);
  }

  #reading(examination: AttentionExamination, name: string): AttentionReading {
    const { attentions } = examination;
    const known = attentions.find((kind) => kind.name === name) ?? attentions[0];
    return examination.reading(known?.name ?? name);
  }

  async #look({ key, source, changed }: TranslateArgs): Promise<Looked> {
    const { codec, experiment } = this.#models.get(key);
    const example = readSource(source, codec);
    requirePositions(lengthLimits(experiment, codec.kind), example.steps);
    const kept = await this.#examination(key, example);
    const examination = await kept.examination;
    const last = JSON.stringify([key.update, source.id, changed]);
    if (kept.last !== last || kept.answered === undefined) {
      kept.last = last;
      kept.answered = answer(
        examination,
        example,
        codec,
        changed === '' ? NOTHING_CHANGED : parseDecodingChanges(changed),
      );
    }
    return { examination, answered: kept.answered };
  }

  async #examination(key: ModelKey, example: Example): Promise<Kept> {
    const { experiment, codec, weights, name } = this.#models.get(key);
    const { model } = experiment;
    const learned = model.architecture === 'transformer' && model.positions === 'learned';
    const room = Math.min(Math.ceil(example.steps / ROOM) * ROOM, learned ? model.maxPositions : Infinity);
    const of = `${key.run} ${room}`;
    let kept = this.#kept.find((one) => one.of === of);
    if (kept === undefined) {
      const core = await this.#models.core();
      const translates = codec.kind === 'translation';
      const steps = translates ? longestTarget(experiment) : room;
      const sourceSteps = translates ? room : 0;
      const options = { core, experiment, codec, weights, sourceSteps, steps, sourceName: name };
      kept = { of, examination: AttentionExamination.load(options), update: key.update, last: '', answered: undefined };
    }
    const used = kept;
    this.#kept = [used, ...this.#kept.filter((one) => one !== used)].slice(0, MOST_KEPT);
    try {
      const examination = await used.examination;
      if (used.update !== key.update) examination.setWeights(weights, name);
      used.update = key.update;
      return used;
    } catch (error) {
      this.#kept = this.#kept.filter((one) => one !== used);
      throw error;
    }
  }
}

/** Of the half that an attention is in, at least so many that their pattern can be seen. */
function positionsOf(
  { experiment, codec, weights }: OpenedModel,
  kind: AttentionKind | undefined,
  steps: number,
): Rows {
  const { model } = experiment;
  if (model.architecture !== 'transformer') return { values: new Float32Array(), width: 0 };
  const width = model.modelSize;
  const count = Math.max(steps, LEAST_POSITIONS);
  if (model.positions === 'learned') {
    const half = codec.kind !== 'translation' ? '' : kind?.ofSource === true ? 'source_' : 'target_';
    const table = weights.get(`${half}positions.weight`)?.data ?? new Float32Array();
    return { values: table.slice(0, count * width), width };
  }
  return {
    values: Float32Array.from({ length: count * width }, (_, i) => sinusoid(Math.floor(i / width), i % width, width)),
    width,
  };
}

function answer(
  examination: AttentionExamination,
  example: Example,
  codec: TaskCodec,
  changes: DecodingChanges,
): Answered {
  if (codec.kind !== 'translation') return { ...examination.read(example, changes), steps: example.steps };
  const { steps } = examination.write(example.tokens ?? new Int32Array(), changes);
  const width = steps[0]?.probabilities.length ?? 0;
  const outputs = new Float32Array(steps.length * width);
  steps.forEach(({ probabilities }, t) => outputs.set(probabilities, t * width));
  return { outputs, width, steps: steps.length, labels: steps.map(({ symbol }) => symbol) };
}

/** What was written; the end is empty. */
function symbolsOf({ labels = [] }: Answered, { output, boundaries }: TaskCodec): readonly string[] {
  const names = output.kind === 'labels' ? output.labels : [];
  return labels.map((label) => (label === boundaries?.end ? '' : visibleSymbol(names[label] ?? '')));
}
