import { untrack } from 'svelte';
import type { RunInfo } from '../../electron/api/runs.ts';
import { UnrolledError } from '../../engine/errors.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import type { ModelKey } from '../worker/model-key.ts';
import type { Source } from '../worker/source.ts';
import { readExperiment } from './experiment.ts';
import type { Lab } from './lab.svelte.ts';

/** Steps of a window of a long text. */
const WINDOW = 64;
/** Items of the data that are fetched at once. */
const PAGE = 16;

/** Items of a task's data, fetched page by page. */
export class Examples {
  readonly #pages = new Map<number, Promise<readonly Example[]>>();
  readonly #lab: Lab;
  readonly #experiment: RunInfo['experiment'];
  /** null: without end. */
  available = $state<number | null>(null);

  /** `experiment`: of the run, which has the same one as long as it lives; the view that shows it may be gone by then. */
  constructor(lab: Lab, experiment: RunInfo['experiment']) {
    this.#lab = lab;
    this.#experiment = experiment;
  }

  /** Item `number` of the validation part; undefined past its end. */
  async get(number: number): Promise<Example | undefined> {
    const page = Math.floor(number / PAGE);
    let items = this.#pages.get(page);
    if (items === undefined) {
      items = this.#read(page);
      this.#pages.set(page, items);
      items.catch(() => this.#pages.delete(page));
    }
    return (await items)[number % PAGE];
  }

  async #read(page: number): Promise<readonly Example[]> {
    const { task, seed } = readExperiment(this.#experiment);
    const wanted = { task, seed, part: 'validation', from: page * PAGE, count: PAGE, steps: WINDOW } as const;
    const told = await this.#lab.connection.api.tasks.examples(wanted);
    if (!told.ok) throw new UnrolledError(told.error.code, told.error.message, told.error.hint);
    this.available = told.value.available;
    return told.value.items as readonly Example[];
  }
}

/** What a run's model is given to read, and its checkpoint that the timeline stands on. */
export class RunSource {
  readonly #lab: Lab;
  readonly #info: () => RunInfo;
  readonly examples: Examples;

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.#info = info;
    this.examples = new Examples(lab, untrack(info).experiment);
  }

  readonly #run = $derived.by(() => this.#info().id);
  readonly #training = $derived.by(() => this.#info().state === 'training');
  readonly #update = $derived.by(() => {
    const { router, openRun } = this.#lab;
    return router.place.checkpoint ?? (this.#training ? openRun?.followed : openRun?.checkpoints.at(-1)?.update);
  });
  /** undefined while there is none. The same object while it is the same: progress makes another `info` every second. */
  readonly key: ModelKey | undefined = $derived(
    this.#update === undefined ? undefined : { run: this.#run, update: this.#update },
  );

  /** What was typed, or item `item` of the data; undefined past their end. `sample`: where there are none. */
  async read(input: string | null, item: number, sample: string | null = null): Promise<Source | undefined> {
    const typed = input ?? sample;
    if (typed !== null) return { id: `typed ${typed}`, kind: 'typed', json: typed };
    const example = await this.examples.get(item);
    return example === undefined ? undefined : { id: `item ${item}`, kind: 'example', example };
  }
}
