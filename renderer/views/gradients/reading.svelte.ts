import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { ModelKey } from '../../worker/model-key.ts';
import type { ModelFacts } from '../../worker/models.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Source } from '../../worker/source.ts';
import { Examples } from '../gates/scene.svelte.ts';

/** A model at the checkpoint that the timeline stands on, and the sequence that it reads; `ask`: what is wanted of both. */
export class ModelReading<T> {
  readonly #lab: Lab;
  readonly #info: () => RunInfo;
  readonly #ask: (key: ModelKey, source: Source) => Promise<T>;
  readonly examples: Examples;
  readonly #newest = new Newest();
  #facts = $state.raw<ModelFacts>();
  #answer = $state.raw<T>();
  #shownKey = $state.raw<ModelKey>();
  #problem = $state<string>();

  constructor(lab: Lab, info: () => RunInfo, ask: (key: ModelKey, source: Source) => Promise<T>) {
    this.#lab = lab;
    this.#info = info;
    this.#ask = ask;
    this.examples = new Examples(lab, info);
  }

  // Of their own: progress makes another `info` every second, which is no reason to measure anything again.
  readonly #run = $derived.by(() => this.#info().id);
  readonly #update = $derived.by(
    () => this.#lab.router.place.checkpoint ?? this.#lab.openRun?.checkpoints.at(-1)?.update,
  );
  /** Undefined while there is none. The same object while it is the same. */
  readonly key: ModelKey | undefined = $derived(
    this.#update === undefined ? undefined : { run: this.#run, update: this.#update },
  );

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
        const source = await this.#source(input, item);
        if (source === undefined) {
          this.#problem = 'past-end';
          return;
        }
        this.#answer = await this.#ask(key, source);
        this.#facts = facts;
        this.#shownKey = key;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
      }
    });
  }

  async #source(input: string | null, item: number): Promise<Source | undefined> {
    if (input !== null) return { id: `typed ${input}`, kind: 'typed', json: input };
    const example = await this.examples.get(item);
    return example === undefined ? undefined : { id: `item ${item}`, kind: 'example', example };
  }
}
