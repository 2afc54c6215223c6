import type { RunInfo } from '../../../electron/api/runs.ts';
import {
  formatDecodingChanges,
  NOTHING_CHANGED,
  type DecodingChanges,
} from '../../../engine/explain/decoding-changes.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { ModelFacts } from '../../worker/models.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Searched, TranslateArgs, Translated, Written } from '../../worker/translations.ts';
import { RunSource } from '../../state/run-source.svelte.ts';

/** A model at a checkpoint, translating one source: as it is, and with what the person changes. */
export class Translating {
  readonly #lab: Lab;
  readonly sources: RunSource;
  readonly #newest = new Newest();
  readonly #newestSearch = new Newest();
  #facts = $state.raw<ModelFacts>();
  #told = $state.raw<Translated>();
  #searched = $state.raw<Searched>();
  #asked = $state.raw<TranslateArgs>();
  #problem = $state<string>();

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.sources = new RunSource(lab, info);
  }

  get examples(): RunSource['examples'] {
    return this.sources.examples;
  }

  get facts(): ModelFacts | undefined {
    return this.#facts;
  }

  get told(): Translated | undefined {
    return this.#told;
  }

  /** What the model writes with what is changed, or as it is. */
  get written(): Written | undefined {
    return this.#told?.changed ?? this.#told?.original;
  }

  get changes(): DecodingChanges {
    return this.#told?.changes ?? NOTHING_CHANGED;
  }

  get searched(): Searched | undefined {
    return this.#searched;
  }

  /** What is shown, as the worker was asked for it. */
  get asked(): TranslateArgs | undefined {
    return this.#asked;
  }

  /** Why nothing can be shown. */
  get problem(): string | undefined {
    return this.#problem;
  }

  change(changes: DecodingChanges): void {
    this.#lab.selection.set({ held: formatDecodingChanges(changes) });
  }

  /** To be called in an effect: follows the timeline and the selection. */
  follow(): void {
    const { key } = this.sources;
    const { item, input, held } = this.#lab.selection;
    if (key === undefined) return;
    this.#newest.ask(async () => {
      try {
        const facts = await this.#lab.engine.open(key);
        const source = await this.sources.read(input, item);
        if (source === undefined) {
          this.#problem = 'past-end';
          return;
        }
        const asked = { key, source, changed: held };
        this.#told = await this.#lab.engine.ask('translate', key, asked);
        this.#asked = asked;
        this.#facts = facts;
        this.#problem = undefined;
        this.#search(asked);
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }

  #search(asked: TranslateArgs): void {
    this.#newestSearch.ask(async () => {
      try {
        this.#searched = await this.#lab.engine.ask('search', asked.key, asked);
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }
}
