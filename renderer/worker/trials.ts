/** In the worker: small models that are trained while somebody watches. They are kept until they are begun anew. */
import type { SequenceAnswer } from '../../engine/sequences/answer.ts';
import { Trial, type TrialMeasure, type TrialState } from '../../engine/sequences/trial.ts';
import type { TrialName } from '../../engine/sequences/trials.ts';
import type { Models } from './models.ts';

export interface TrialArgs {
  readonly name: TrialName;
}

export class Trials {
  readonly #models: Models;
  readonly #kept = new Map<TrialName, Promise<Trial>>();

  constructor(models: Models) {
    this.#models = models;
  }

  /** As it is, or, where there is none yet or `anew`, from fresh weights. */
  async begin({ name, anew }: TrialArgs & { readonly anew: boolean }): Promise<TrialState> {
    if (anew) {
      const before = this.#kept.get(name);
      this.#kept.delete(name);
      await (await before)?.stop();
    }
    return (await this.#trial(name)).state;
  }

  async train({ name, milliseconds }: TrialArgs & { readonly milliseconds: number }): Promise<TrialState> {
    return (await this.#trial(name)).train(milliseconds);
  }

  async answer({ name, text }: TrialArgs & { readonly text: string }): Promise<SequenceAnswer> {
    return (await this.#trial(name)).answer(text);
  }

  async measure({ name, items }: TrialArgs & { readonly items: number }): Promise<TrialMeasure> {
    return (await this.#trial(name)).measure(items);
  }

  #trial(name: TrialName): Promise<Trial> {
    let trial = this.#kept.get(name);
    if (trial === undefined) {
      trial = this.#models.core().then((core) => Trial.start(core, name));
      this.#kept.set(name, trial);
      trial.catch(() => this.#kept.delete(name));
    }
    return trial;
  }
}
