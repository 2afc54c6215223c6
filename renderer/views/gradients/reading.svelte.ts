import type { RunInfo } from '../../../electron/api/runs.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { RunSource } from '../../state/run-source.svelte.ts';
import type { ModelKey } from '../../worker/model-key.ts';
import type { ModelFacts } from '../../worker/models.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Source } from '../../worker/source.ts';

/** A model at the checkpoint that the timeline stands on, and the sequence that it reads; `ask`: what is wanted of both. */
export class ModelReading<T> {
  readonly #lab: Lab;
  readonly #sources: RunSource;
  readonly #ask: (key: ModelKey, source: Source) => Promise<T>;
  readonly #newest = new Newest();
  #facts = $state.raw<ModelFacts>();
  #answer = $state.raw<T>();
  #shownKey = $state.raw<ModelKey>();
  #problem = $state<string>();

  constructor(lab: Lab, info: () => RunInfo, ask: (key: ModelKey, source: Source) => Promise<T>) {
    this.#lab = lab;
    this.#sources = new RunSource(lab, info);
    this.#ask = ask;
  }

  get examples(): RunSource['examples'] {
    return this.#sources.examples;
  }

  /** Undefined while there is none. */
  get key(): ModelKey | undefined {
    return this.#sources.key;
  }

  get facts(): ModelFacts | undefined {
    return this.#facts;
  }

  get answer(): T | undefined {
    return this.#answer;
  }

  /** Of the answer. */
  get shownKey(): ModelKey | undefined {
    return this.#shownKey;
  }

  /** Why nothing can be shown; 'past-end' where the data have no such item. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** To be called in an effect: follows the timeline and the selection. */
  follow(): void {
    const { key } = this;
    const { item, input } = this.#lab.selection;
    if (key === undefined) return;
    this.#newest.ask(async () => {
      try {
        const facts = await this.#lab.engine.open(key);
        const source = await this.#sources.read(input, item, facts.sample);
        if (source === undefined) {
          this.#problem = 'past-end';
          return;
        }
        this.#answer = await this.#ask(key, source);
        this.#facts = facts;
        this.#shownKey = key;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }
}
