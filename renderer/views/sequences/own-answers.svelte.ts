import type { RunInfo } from '../../../electron/api/runs.ts';
import type { SequenceAnswer } from '../../../engine/sequences/answer.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { Examples } from '../../state/run-source.svelte.ts';
import { Newest } from '../../worker/rpc.ts';

/** What a run's newest checkpoint makes of what is typed. */
export class OwnAnswers {
  readonly #lab: Lab;
  readonly #newest = new Newest();
  #said = $state.raw<{ readonly run: string; readonly update: number; readonly answer: SequenceAnswer }>();
  #complaint = $state<string>();
  #first = $state.raw<{ readonly run: string; readonly text: string }>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Of this run, once there is one. */
  said(run: string): { readonly update: number; readonly answer: SequenceAnswer } | undefined {
    return this.#said?.run === run ? this.#said : undefined;
  }

  /** An item of its data, to begin with; empty while it is being fetched. */
  first(run: string): string {
    return this.#first?.run === run ? this.#first.text : '';
  }

  /** Why there is no answer. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  /** Fetches what there is to begin with. */
  async open(info: RunInfo): Promise<void> {
    try {
      const example = await new Examples(this.#lab, info.experiment).get(0);
      this.#first = { run: info.id, text: example?.text ?? '' };
    } catch (error) {
      this.#complaint = errorText(error);
    }
  }

  /** Answers this, of at most so many symbols. */
  watch(run: string, text: string, most: number): void {
    this.#newest.ask(async () => {
      try {
        const listed = await this.#lab.connection.api.checkpoints.list({ run });
        const update = listed.ok ? listed.value.at(-1)?.update : undefined;
        if (update === undefined) return;
        const key = { run, update };
        const answer = await this.#lab.engine.ask('answerRun', key, { key, text, most });
        this.#said = { run, update, answer };
        this.#complaint = undefined;
      } catch (error) {
        this.#complaint = errorText(error);
      }
    });
  }
}
