import type { RunInfo } from '../../../electron/api/runs.ts';
import {
  formatDecodingChanges,
  NOTHING_CHANGED,
  type DecodingChanges,
} from '../../../engine/explain/decoding-changes.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { AttentionArgs, AttentionTold } from '../../worker/attentions.ts';
import type { ModelFacts } from '../../worker/models.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Translated } from '../../worker/translations.ts';
import { parseLookedAt } from './looked-at.ts';
import { RunSource } from '../../state/run-source.svelte.ts';

/** All attentions of a model at a checkpoint over one sequence, with the heads that are silenced. */
export class Looking {
  readonly #lab: Lab;
  readonly sources: RunSource;
  readonly #newest = new Newest();
  #facts = $state.raw<ModelFacts>();
  #told = $state.raw<AttentionTold>();
  #translated = $state.raw<Translated>();
  #asked = $state.raw<AttentionArgs>();
  #problem = $state<string>();

  constructor(lab: Lab, info: () => RunInfo) {
    this.#lab = lab;
    this.sources = new RunSource(lab, info);
  }

  get facts(): ModelFacts | undefined {
    return this.#facts;
  }

  get examples(): RunSource['examples'] {
    return this.sources.examples;
  }

  get told(): AttentionTold | undefined {
    return this.#told;
  }

  /** Of a translation: what is written. */
  get translated(): Translated | undefined {
    return this.#translated;
  }

  get asked(): AttentionArgs | undefined {
    return this.#asked;
  }

  get changes(): DecodingChanges {
    return this.#told?.changes ?? NOTHING_CHANGED;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  change(changes: DecodingChanges): void {
    this.#lab.selection.set({ held: formatDecodingChanges(changes) });
  }

  /** Silences a head, or lets it be heard again. */
  toggle(name: string, head: number): void {
    const { silenced } = this.changes;
    const others = silenced.filter((one) => one.name !== name || one.head !== head);
    const now = others.length < silenced.length ? others : [...others, { name, head }];
    this.change({ ...this.changes, silenced: now });
  }

  /** To be called in an effect: follows the timeline and the selection. */
  follow(): void {
    const { key } = this.sources;
    const { item, input, held, quantity } = this.#lab.selection;
    const { name } = parseLookedAt(quantity, 'self');
    if (key === undefined) return;
    this.#newest.ask(async () => {
      try {
        const facts = await this.#lab.engine.open(key);
        const source = await this.sources.read(input, item);
        if (source === undefined) {
          this.#problem = 'past-end';
          return;
        }
        const asked = { key, source, changed: held, name };
        const told = await this.#lab.engine.ask('attention', key, asked);
        const translates = facts.kind === 'translation';
        this.#translated = translates ? await this.#lab.engine.ask('translate', key, asked) : undefined;
        this.#told = told;
        this.#asked = { ...asked, name: told.name };
        this.#facts = facts;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }
}
