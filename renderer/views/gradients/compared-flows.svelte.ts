import type { RunInfo } from '../../../electron/api/runs.ts';
import type { GradientFlow } from '../../../engine/gradients/flow.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { Newest } from '../../worker/rpc.ts';
import type { Source } from '../../worker/source.ts';

export interface ComparedFlow {
  readonly info: RunInfo;
  /** Of its newest checkpoint. */
  readonly update: number;
  readonly flow: GradientFlow;
}

/** Recurrent runs of the same task: they can read the same sequence. */
export function comparableRuns(info: RunInfo, all: readonly RunInfo[]): readonly RunInfo[] {
  const task = JSON.stringify(readExperiment(info.experiment).task);
  return all.filter(({ id, experiment }) => {
    const { task: theirs, model } = readExperiment(experiment);
    return id !== info.id && model.architecture === 'recurrent' && JSON.stringify(theirs) === task;
  });
}

/** How the gradients of other runs flow back through the same sequence. A run that cannot be read is left out. */
export class ComparedFlows {
  readonly #lab: Lab;
  readonly #newest = new Newest();
  #all = $state.raw<readonly ComparedFlow[]>([]);

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  get all(): readonly ComparedFlow[] {
    return this.#all;
  }

  follow(runs: readonly RunInfo[], source: Source): void {
    this.#newest.ask(async () => {
      const found: ComparedFlow[] = [];
      for (const info of runs) {
        const flow = await this.#flowOf(info, source).catch(() => undefined);
        if (flow !== undefined) found.push(flow);
      }
      this.#all = found;
    });
  }

  async #flowOf(info: RunInfo, source: Source): Promise<ComparedFlow | undefined> {
    const listed = await this.#lab.connection.api.checkpoints.list({ run: info.id });
    const update = listed.ok ? listed.value.at(-1)?.update : undefined;
    if (update === undefined) return undefined;
    const key = { run: info.id, update };
    const { flow } = await this.#lab.engine.ask('flow', key, { key, source });
    return { info, update, flow };
  }
}
