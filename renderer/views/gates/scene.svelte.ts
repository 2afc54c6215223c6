import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Edit } from '../../../engine/explain/edits.ts';
import type { Hold } from '../../../engine/explain/holds.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { RunSource } from '../../state/run-source.svelte.ts';
import type { ExamineArgs } from '../../worker/examine.ts';
import type { ModelKey } from '../../worker/model-key.ts';
import type { ModelFacts } from '../../worker/models.ts';
import type { Reading, Recording } from '../../worker/recording.ts';
import { Newest } from '../../worker/rpc.ts';

/** What the gates view shows of one run: its model at a checkpoint, reading one sequence. */
export class Scene {
  readonly #lab: Lab;
  readonly #sources: RunSource;
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
    this.#sources = new RunSource(lab, info);
  }

  get examples(): RunSource['examples'] {
    return this.#sources.examples;
  }

  /** The checkpoint that the timeline stands on; undefined while there is none. */
  get key(): ModelKey | undefined {
    return this.#sources.key;
  }

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
        const source = await this.#sources.read(input, item, facts.sample);
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
        this.#reading = told.original?.reading ?? this.#reading;
        this.#recording = told.original?.recording ?? this.#recording;
        this.#shownKey = key;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }
}
