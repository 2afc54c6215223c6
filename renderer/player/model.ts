/** The model of the page: read from its elements, and put to use. */
import type { BuildName } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import { PLAYER_IDS, type PlayerData } from '../../engine/exports/html.ts';
import type { FloatTensors } from '../../engine/formats/checkpoint.ts';
import { readSafetensors, type Tensor } from '../../engine/formats/safetensors.ts';
import type { JsonValue } from '../../engine/json.ts';
import { grow, type GrowthOptions } from '../../engine/models/generate.ts';
import { Predictor } from '../../engine/models/predictor.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { EncodedInput, TaskCodec } from '../../engine/tasks/task.ts';

/** Steps that are planned at first; longer inputs get a larger plan. */
const FIRST_STEPS = 64;

export class PageModel {
  readonly data: PlayerData;
  readonly codec: TaskCodec;
  readonly #experiment: Experiment;
  readonly #load: (steps: number) => Promise<Predictor>;
  #predictor: Predictor | undefined;

  static async open(): Promise<PageModel> {
    // Written by engine/exports/html.ts of the same version, in the same file.
    const data = JSON.parse(textOf(PLAYER_IDS.data)) as PlayerData;
    const { tensors } = readSafetensors(bytesOf(PLAYER_IDS.weights), 'the weights');
    const weights: FloatTensors = new Map(
      [...tensors].flatMap(([name, { shape, data: values }]) =>
        values instanceof Float32Array ? [[name, { shape, data: values } satisfies Tensor<Float32Array>]] : [],
      ),
    );
    const files = { read: (build: BuildName) => Promise.resolve(coreOf(build)) };
    const core = await loadCore(files, { shared: false });
    const experiment = parseExperiment(data.experiment);
    const codec = restoreCodec(data.taskState);
    const load = (steps: number) =>
      Predictor.load({ core, experiment, task: codec, weights, steps, sourceName: 'the weights' });
    return new PageModel(data, codec, experiment, load);
  }

  private constructor(
    data: PlayerData,
    codec: TaskCodec,
    experiment: Experiment,
    load: (steps: number) => Promise<Predictor>,
  ) {
    this.data = data;
    this.codec = codec;
    this.#experiment = experiment;
    this.#load = load;
  }

  /** The examples that are texts. */
  get texts(): readonly string[] {
    return this.data.examples.filter((example) => typeof example === 'string');
  }

  /** The answer in the form that the task gives it. Throws InputError where the input is not right. */
  async answer(input: JsonValue): Promise<JsonValue> {
    const encoded = this.#fitted(this.codec.encode(input));
    const predictor = await this.#for(encoded.steps);
    return this.codec.decode(encoded, predictor.run(encoded));
  }

  /** What follows an input, symbol by symbol. */
  async grow(input: JsonValue, options: GrowthOptions): Promise<Generator<string, void>> {
    return grow(await this.#for(FIRST_STEPS), this.codec, input, options);
  }

  /** A transformer that writes on sees the last steps, as many as its window has; others no more than learned positions. */
  #fitted(encoded: EncodedInput): EncodedInput {
    const { model, training } = this.#experiment;
    const { steps, tokens } = encoded;
    if (model.architecture !== 'transformer') return encoded;
    if (this.#windowed && tokens && steps > training.steps) {
      return { ...encoded, steps: training.steps, tokens: tokens.slice(-training.steps) };
    }
    if (model.positions === 'learned' && steps > model.maxPositions) {
      throw new InputError(`the input has ${steps} symbols; the model has learned ${model.maxPositions} positions`);
    }
    return encoded;
  }

  /** Its plan has the steps that it was trained with, whatever is asked for. */
  get #windowed(): boolean {
    return this.#experiment.model.architecture === 'transformer' && this.codec.kind === 'language';
  }

  async #for(steps: number): Promise<Predictor> {
    if (this.#predictor === undefined || (!this.#windowed && this.#predictor.spec.steps < steps)) {
      this.#predictor = await this.#load(Math.max(FIRST_STEPS, 2 ** Math.ceil(Math.log2(steps))));
    }
    return this.#predictor;
  }
}

function coreOf(build: BuildName): Uint8Array<ArrayBuffer> {
  return bytesOf(build === 'relaxed' ? PLAYER_IDS.relaxed : PLAYER_IDS.baseline);
}

function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const text = atob(textOf(id));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function textOf(id: string): string {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}".`);
  return element.textContent;
}
