/** In the worker: what runs' models make of what is typed, symbol by symbol. */
import { InputError } from '../../engine/errors.ts';
import { Predictor } from '../../engine/models/predictor.ts';
import { answerWith, ROOM, type SequenceAnswer } from '../../engine/sequences/answer.ts';
import { keyText, type ModelKey } from './model-key.ts';
import type { Models } from './models.ts';
import type { Translations } from './translations.ts';

export interface RunAnswerArgs {
  readonly key: ModelKey;
  readonly text: string;
  /** The most symbols that it may read. */
  readonly most: number;
}

export class RunAnswers {
  readonly #models: Models;
  readonly #translations: Translations;
  /** The one that answered last. */
  #kept: { readonly of: string; readonly predictor: Promise<Predictor> } | undefined;

  constructor(models: Models, translations: Translations) {
    this.#models = models;
    this.#translations = translations;
  }

  /** Throws InputError where the task cannot take it. */
  async answer({ key, text, most }: RunAnswerArgs): Promise<SequenceAnswer> {
    const { codec } = this.#models.get(key);
    const typed = text.trim();
    const encoded = codec.encode(codec.kind === 'generation' ? { label: typed } : typed);
    const room = Math.min(most, ROOM);
    if (encoded.steps === 0) throw new InputError('There is nothing to read; type at least one symbol.');
    if (encoded.steps > room) {
      throw new InputError(`The input has ${encoded.steps} symbols; up to ${room} are read here.`);
    }
    const model =
      codec.kind === 'translation'
        ? await this.#translations.translator(key, encoded.steps)
        : await this.#predictor(key);
    return answerWith(model, codec, encoded, typed);
  }

  #predictor(key: ModelKey): Promise<Predictor> {
    const of = keyText(key);
    if (this.#kept?.of !== of) {
      const { experiment, codec, weights, name } = this.#models.get(key);
      const predictor = this.#models
        .core()
        .then((core) => Predictor.load({ core, experiment, task: codec, weights, steps: ROOM, sourceName: name }));
      predictor.catch(() => (this.#kept = undefined));
      this.#kept = { of, predictor };
    }
    return this.#kept.predictor;
  }
}
