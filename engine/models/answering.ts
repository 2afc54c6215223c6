/** A trained model that answers inputs of any length: what is planned for it grows with them. */
import type { CoreModule } from '../core/core.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import type { JsonValue } from '../json.ts';
import type { EncodedInput, TaskCodec } from '../tasks/task.ts';
import type { Decoding } from './decode.ts';
import { fitInput, lengthLimits, type LengthLimits } from './input-length.ts';
import { Predictor } from './predictor.ts';
import { longestTarget, Translator } from './translator.ts';

export interface AnsweringOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** Named in errors about the weights. */
  readonly sourceName: string;
}

/** Steps that are planned at first. */
const FIRST_STEPS = 64;

export class Answering {
  readonly #options: AnsweringOptions;
  readonly #limits: LengthLimits;
  #predictor: Predictor | undefined;
  #translator: { readonly beams: number; readonly steps: number; readonly translator: Translator } | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    this.#limits = lengthLimits(options.experiment, options.codec.kind);
  }

  /** As much of an input as the model takes. Throws InputError where it is too long. */
  fit(encoded: EncodedInput): EncodedInput {
    return fitInput(this.#limits, encoded);
  }

  /** The answer in the form that the task gives it; of a translation the greedy one. Throws InputError as `fit` does. */
  async answer(encoded: EncodedInput): Promise<JsonValue> {
    const { codec } = this.#options;
    const input = this.fit(encoded);
    if (codec.kind !== 'translation') return codec.decode(input, (await this.predictor(input.steps)).run(input));
    const [decoding] = await this.translate(input, 1);
    if (!decoding) throw new Error('A search has found nothing.');
    return translationOf(decoding, codec);
  }

  /** The best decodings of a source, the best first. Throws InputError as `fit` does. */
  async translate(encoded: EncodedInput, beams: number): Promise<readonly Decoding[]> {
    const input = this.fit(encoded);
    return (await this.#translatorFor(input.steps, beams)).translate(input);
  }

  /** What reads inputs of so many steps, of a window's at most. */
  async predictor(steps = FIRST_STEPS): Promise<Predictor> {
    const { window = Infinity } = this.#limits;
    if (this.#predictor === undefined || this.#predictor.spec.steps < Math.min(steps, window)) {
      const { codec: task, ...options } = this.#options;
      this.#predictor = await Predictor.load({ ...options, task, steps: roomFor(steps) });
    }
    return this.#predictor;
  }

  async #translatorFor(sourceSteps: number, beams: number): Promise<Translator> {
    if (this.#translator?.beams !== beams || this.#translator.steps < sourceSteps) {
      const steps = roomFor(sourceSteps);
      const room = { sourceSteps: steps, steps: longestTarget(this.#options.experiment), beams };
      this.#translator = { beams, steps, translator: await Translator.load({ ...this.#options, ...room }) };
    }
    return this.#translator.translator;
  }
}

/** Of a decoding what the task's codec tells of one: the target, and its symbols. */
export function translationOf({ symbols, steps }: Decoding, { target, output }: TaskCodec): JsonValue {
  if (!target || output.kind !== 'labels') throw new TypeError('Only translators can translate.');
  return {
    target: target.write(symbols),
    symbols: symbols.map((label, t) => ({
      symbol: output.labels[label] ?? '',
      probability: steps[t]?.probability ?? NaN,
    })),
  };
}

function roomFor(steps: number): number {
  return Math.max(FIRST_STEPS, 2 ** Math.ceil(Math.log2(steps)));
}
