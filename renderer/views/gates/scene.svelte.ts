import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Example } from '../../../engine/tasks/examples.ts';
import type { Edit } from '../../../engine/explain/edits.ts';
import type { Hold } from '../../../engine/explain/holds.ts';
import { UnrolledError } from '../../../engine/errors.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { ExamineArgs } from '../../worker/examine.ts';
import type { ModelKey } from '../../worker/model-key.ts';
import type { ModelFacts } from '../../worker/models.ts';
import type { Reading, Recording } from '../../worker/recording.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Source } from '../../worker/source.ts';
import type { PartName, PartValues } from './geometry.ts';

/** Steps of a window of a long text. */
export const WINDOW = 64;
/** Items of the data that are fetched at once. */
const PAGE = 16;

/** Items of a task's data, fetched page by page. */
export class Examples {
  readonly #pages = new Map<number, Promise<readonly Example[]>>();
  readonly #lab: Lab;
  readonly #info: () => RunInfo;
  /** null: without end. */
  available = $state<number | null>(null);

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.#info = info;
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
    const { task, seed } = readExperiment(this.#info().experiment);
    const wanted = { task, seed, part: 'validation', from: page * PAGE, count: PAGE, steps: WINDOW } as const;
    const told = await this.#lab.connection.api.tasks.examples(wanted);
    if (!told.ok) throw new UnrolledError(told.error.code, told.error.message, told.error.hint);
    this.available = told.value.available;
    return told.value.items as readonly Example[];
  }
}

/** What the gates view shows of one run: its model at a checkpoint, reading one sequence. */
export class Scene {
  readonly #lab: Lab;
  readonly #info: () => RunInfo;
  readonly examples: Examples;
  readonly #newest = new Newest();
  #facts = $state.raw<ModelFacts>();
  #reading = $state.raw<Reading>();
  #recording = $state.raw<Recording>();
  #changed = $state.raw<Recording>();
  #holds = $state.raw<readonly Hold[]>([]);
  #edits = $state.raw<readonly Edit[]>([]);
  #problem = $state<string>();
  #asked = $state.raw<ExamineArgs>();
  /** Of what is shown. */
  #shownKey = $state.raw<ModelKey>();

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.#info = info;
    this.examples = new Examples(lab, info);
  }

  readonly #run = $derived.by(() => this.#info().id);
  readonly #update = $derived.by(
    () => this.#lab.router.place.checkpoint ?? this.#lab.openRun?.checkpoints.at(-1)?.update,
  );
  /** The checkpoint that the timeline stands on; undefined while there is none. The same object while it is the same. */
  readonly key: ModelKey | undefined = $derived(
    this.#update === undefined ? undefined : { run: this.#run, update: this.#update },
  );

  get facts(): ModelFacts | undefined {
    return this.#facts;
  }

  get reading(): Reading | undefined {
    return this.#reading;
  }

  get recording(): Recording | undefined {
    return this.#recording;
  }

  /** With what is held; undefined where nothing is. */
  get changed(): Recording | undefined {
    return this.#changed;
  }

  get holds(): readonly Hold[] {
    return this.#holds;
  }

  /** What is changed of the input. */
  get edits(): readonly Edit[] {
    return this.#edits;
  }

  /** What is shown, as the worker was asked for it: for more about it. */
  get asked(): ExamineArgs | undefined {
    return this.#asked;
  }

  /** Why nothing can be shown. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get shownKey(): ModelKey | undefined {
    return this.#shownKey;
  }

  /** To be called in an effect: follows the timeline and the selection. */
  follow(): void {
    const { key } = this;
    const { layer, reverse, item, input, held, edited } = this.#lab.selection;
    if (key === undefined) return;
    this.#newest.ask(async () => {
      try {
        const facts = await this.#lab.engine.open(key);
        const source = await this.#source(input, item);
        if (source === undefined) {
          this.#problem = 'past-end';
          return;
        }
        const before = this.#asked;
        const known =
          before?.key === key && before.source.id === source.id && before.layer === layer && before.reverse === reverse;
        const told = await this.#lab.engine.ask('examine', key, { key, source, layer, reverse, held, edited, known });
        this.#asked = { key, source, layer, reverse, held, edited };
        this.#changed = told.changed;
        this.#holds = told.holds;
        this.#edits = told.edits;
        this.#facts = facts;
        this.#reading = told.reading;
        this.#recording = told.recording ?? this.#recording;
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

/** The values of all parts at one step, of one unit or as the mean over several. undefined beyond the sequence. */
export function valuesAt(
  parts: Recording['parts'] | undefined,
  { steps, units }: Recording,
  step: number,
  from: number,
  to: number,
): PartValues | undefined {
  if (parts === undefined || step < 0 || step >= steps) return undefined;
  const values: Partial<Record<PartName, number>> = {};
  for (const [part, trace] of Object.entries(parts) as [PartName, Float32Array][]) {
    let sum = 0;
    for (let unit = from; unit <= to; unit++) sum += trace[step * units + unit] ?? 0;
    values[part] = sum / (to - from + 1);
  }
  return values;
}
