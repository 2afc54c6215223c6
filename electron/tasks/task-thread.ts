/** A worker thread's entry: reads datasets, makes tasks from them and tells about both. */
import { parentPort } from 'node:worker_threads';
import { UnrolledError } from '../../engine/errors.ts';
import type { TaskChoice } from '../../engine/experiment/experiment.ts';
import { examplesIn, takeExamples, type Example, type Part } from '../../engine/tasks/examples.ts';
import type { Task } from '../../engine/tasks/task.ts';
import { outlineTask, type TaskOutline } from '../../engine/training/outline.ts';
import type { DatasetInfo } from '../api/data.ts';
import { describeBundled } from '../datasets/describe.ts';
import { openTask } from '../runs/open-task.ts';
import { describeTask, type TaskDescription } from './description.ts';

export type TaskQuestion = { readonly number: number } & (
  | {
      readonly what: 'outline' | 'description';
      readonly task: TaskChoice;
      /** Of the workspace's datasets. */
      readonly folder: string;
    }
  | {
      readonly what: 'examples';
      readonly task: TaskChoice;
      readonly folder: string;
      readonly wanted: WantedExamples;
    }
  | { readonly what: 'bundled datasets' }
);

export interface WantedExamples {
  /** Of the experiment. */
  readonly seed: number;
  readonly part: Part;
  readonly from: number;
  readonly count: number;
  readonly steps: number;
}

export interface TaskExamples {
  /** null: without end. */
  readonly available: number | null;
  readonly items: readonly Example[];
}

export type TaskAnswer = { readonly number: number } & (
  | { readonly outline: TaskOutline }
  | { readonly description: TaskDescription }
  | { readonly examples: TaskExamples }
  | { readonly bundled: readonly DatasetInfo[] }
  /** `code` undefined: a defect of the program. */
  | { readonly error: { readonly code?: string; readonly message: string; readonly hint?: string } }
);

/** Where nothing but the kind of made sequences is told, they may be of any seed. */
const SEED = 1;

/** The last task that was asked about; a person asks about one again and again. */
let last: { readonly key: string; readonly task: Promise<Task> } | undefined;

parentPort?.on('message', (question: TaskQuestion) => {
  void answer(question).then((told) => parentPort?.postMessage(told));
});

async function answer(question: TaskQuestion): Promise<TaskAnswer> {
  const { number, what } = question;
  try {
    if (what === 'bundled datasets') return { number, bundled: await describeBundled() };
    const { task: choice, folder } = question;
    const seed = what === 'examples' ? question.wanted.seed : SEED;
    const key = JSON.stringify([choice, seed, folder]);
    if (last?.key !== key) last = { key, task: openTask({ task: choice, seed }, folder) };
    const task = await last.task;
    if (what === 'examples') return { number, examples: examplesOf(task, question.wanted) };
    return what === 'outline' ? { number, outline: outlineTask(task) } : { number, description: describeTask(task) };
  } catch (error) {
    last = undefined;
    if (error instanceof UnrolledError) {
      const { code, message, hint } = error;
      return { number, error: { code, message, ...(hint === undefined ? {} : { hint }) } };
    }
    return { number, error: { message: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
  }
}

function examplesOf(task: Task, { part, from, count, steps }: WantedExamples): TaskExamples {
  const available = examplesIn(task[part], steps);
  return {
    available: Number.isFinite(available) ? available : null,
    items: takeExamples(task, part, from, count, steps),
  };
}
