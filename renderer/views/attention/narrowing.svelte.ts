import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Example } from '../../../engine/tasks/examples.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import type { BottleneckArgs, BottleneckTold, LengthScore } from '../../worker/bottleneck.ts';
import type { ModelFacts } from '../../worker/models.ts';
import { Newest } from '../../worker/rpc.ts';
import { parseToward } from './between.ts';
import { RunSource } from '../../state/run-source.svelte.ts';

/** Items that are translated to see what is lost, a batch at a time. */
export const MEASURED = 256;
const BATCH = 16;

/** A model without attention: two sources' vectors, the line between them, and what comes back by length. */
export class Narrowing {
  readonly #lab: Lab;
  readonly sources: RunSource;
  readonly #newest = new Newest();
  readonly #newestScores = new Newest();
  #facts = $state.raw<ModelFacts>();
  #told = $state.raw<BottleneckTold>();
  #asked = $state.raw<BottleneckArgs>();
  #scores = $state.raw<readonly LengthScore[]>([]);
  #measured = $state(0);
  #problem = $state<string>();
  #stopped = false;

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

  get told(): BottleneckTold | undefined {
    return this.#told;
  }

  get asked(): BottleneckArgs | undefined {
    return this.#asked;
  }

  /** By length, short sources first. */
  get scores(): readonly LengthScore[] {
    return this.#scores;
  }

  /** Items that have been translated for them. */
  get measured(): number {
    return this.#measured;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** To be called in an effect: follows the timeline and the selection. */
  follow(): void {
    const { key } = this.sources;
    const { item, input, held } = this.#lab.selection;
    if (key === undefined) return;
    const { input: toward, share } = parseToward(held);
    this.#newest.ask(async () => {
      try {
        const facts = await this.#lab.engine.open(key);
        const first = await this.sources.read(input, item);
        const second = await this.sources.read(toward, item + 1);
        if (first === undefined || second === undefined) {
          this.#problem = 'past-end';
          return;
        }
        const asked = { key, first, second, share };
        this.#told = await this.#lab.engine.ask('bottleneck', key, asked);
        this.#asked = asked;
        this.#facts = facts;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }

  /** To be called in an effect: translates items of the data, a batch at a time, so that others are answered in between. */
  score(): void {
    const { key } = this.sources;
    if (key === undefined) return;
    this.#newestScores.ask(async () => {
      this.#scores = [];
      this.#measured = 0;
      const found = new Map<number, LengthScore>();
      try {
        for (let from = 0; from < MEASURED && !this.#stopped; from += BATCH) {
          if (this.sources.key !== key) return;
          const examples: Example[] = [];
          for (let i = from; i < from + BATCH; i++) {
            const example = await this.examples.get(i);
            if (example) examples.push(example);
          }
          if (examples.length === 0) return;
          for (const score of await this.#lab.engine.ask('bottleneckScore', key, { key, examples })) {
            const { steps, items, exact, symbols, right } = score;
            const before = found.get(steps);
            found.set(steps, {
              steps,
              items: items + (before?.items ?? 0),
              exact: exact + (before?.exact ?? 0),
              symbols: symbols + (before?.symbols ?? 0),
              right: right + (before?.right ?? 0),
            });
          }
          this.#measured = from + examples.length;
          this.#scores = [...found.values()].sort((a, b) => a.steps - b.steps);
        }
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }

  /** The view is gone. */
  stop(): void {
    this.#stopped = true;
  }
}
