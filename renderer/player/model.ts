/** The model of the page: read from its elements, and put to use. */
import type { BuildName } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import { PLAYER_IDS, type PlayerData } from '../../engine/exports/html.ts';
import type { FloatTensors } from '../../engine/formats/checkpoint.ts';
import { readSafetensors, type Tensor } from '../../engine/formats/safetensors.ts';
import type { JsonValue } from '../../engine/json.ts';
import { Answering } from '../../engine/models/answering.ts';
import { grow, type GrowthOptions } from '../../engine/models/generate.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { translatedOf, type Translated } from './translated.ts';

export class PageModel {
  readonly data: PlayerData;
  /** Of the software in the page. */
  readonly licenses: string;
  readonly codec: TaskCodec;
  readonly #answering: Answering;

  static async open(): Promise<PageModel> {
    // Written by engine/exports/html.ts of the same version, in the same file.
    const data = JSON.parse(textOf(PLAYER_IDS.data)) as PlayerData;
    const licenses = JSON.parse(textOf(PLAYER_IDS.licenses)) as string;
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
    const answering = new Answering({ core, experiment, codec, weights, sourceName: 'the weights' });
    return new PageModel(data, licenses, codec, answering);
  }

  private constructor(data: PlayerData, licenses: string, codec: TaskCodec, answering: Answering) {
    this.data = data;
    this.licenses = licenses;
    this.codec = codec;
    this.#answering = answering;
  }

  /** The examples that are texts. */
  get texts(): readonly string[] {
    return this.data.examples.filter((example) => typeof example === 'string');
  }

  /** The answer in the form that the task gives it. Throws InputError where the input is not right. */
  async answer(input: JsonValue): Promise<JsonValue> {
    return this.#answering.answer(this.codec.encode(input));
  }

  /** The best translations of a source, the best first. Throws InputError where the source is not right. */
  async translate(source: string, beams: number): Promise<Translated> {
    const encoded = this.codec.encode(source);
    return translatedOf(encoded, await this.#answering.translate(encoded, beams), this.codec);
  }

  /** What follows an input, symbol by symbol. */
  async grow(input: JsonValue, options: GrowthOptions): Promise<Generator<string, void>> {
    return grow(await this.#answering.predictor(), this.codec, input, options);
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
