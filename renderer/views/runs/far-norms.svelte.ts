import type { RunInfo } from '../../../electron/api/runs.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { Examples } from '../../state/run-source.svelte.ts';
import type { CoursePoint } from '../../worker/gradients.ts';
import { Course } from '../gradients/course.svelte.ts';

/** Whether gradients flow back through time in a run's model. */
export function hasFarNorms(info: RunInfo): boolean {
  return readExperiment(info.experiment).model.architecture === 'recurrent';
}

/** Of several runs: the gradient of the last loss at step 1, measured at checkpoints on the first held-out sequence. */
export class FarNorms {
  readonly #lab: Lab;
  readonly #courses = new Map<string, Course>();
  /** Counts the courses. */
  #version = $state(0);

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Empty where nothing is measured yet. */
  of(id: string): readonly CoursePoint[] {
    void this.#version;
    return this.#courses.get(id)?.points ?? [];
  }

  measure(runs: readonly RunInfo[]): void {
    for (const info of runs) {
      if (hasFarNorms(info) && !this.#courses.has(info.id)) void this.#begin(info);
    }
  }

  stop(): void {
    for (const course of this.#courses.values()) course.stop();
  }

  async #begin(info: RunInfo): Promise<void> {
    const { engine, connection } = this.#lab;
    const course = new Course(engine, info.id, () => this.#lab.runs.find(info.id)?.state === 'training');
    this.#courses.set(info.id, course);
    this.#version++;
    const [listed, example] = await Promise.all([
      connection.api.checkpoints.list({ run: info.id }),
      new Examples(this.#lab, () => info).get(0).catch(() => undefined),
    ]);
    if (!listed.ok || example === undefined) return;
    const updates = listed.value.map(({ update }) => update);
    await course.follow(updates, { id: 'item 0', kind: 'example', example });
  }
}
