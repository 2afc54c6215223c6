import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { ModelKey } from '../../worker/model-key.ts';
import type { Source } from '../../worker/source.ts';
import { Examples } from '../gates/scene.svelte.ts';

/** What a run's model is given to read, and its checkpoint that the timeline stands on. */
export class RunSource {
  readonly #lab: Lab;
  readonly #info: () => RunInfo;
  readonly examples: Examples;

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.#info = info;
    this.examples = new Examples(lab, info);
  }

  readonly #run = $derived.by(() => this.#info().id);
  readonly #update = $derived.by(
    () => this.#lab.router.place.checkpoint ?? this.#lab.openRun?.checkpoints.at(-1)?.update,
  );
  /** undefined while there is none. */
  readonly key: ModelKey | undefined = $derived(
    this.#update === undefined ? undefined : { run: this.#run, update: this.#update },
  );

  /** What was typed, or item `item` of the data; undefined past their end. */
  async read(input: string | null, item: number): Promise<Source | undefined> {
    if (input !== null) return { id: `typed ${input}`, kind: 'typed', json: input };
    const example = await this.examples.get(item);
    return example === undefined ? undefined : { id: `item ${item}`, kind: 'example', example };
  }
}
