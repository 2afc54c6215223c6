/** Tells about tasks and bundled datasets; the work is done in a thread of its own, so that nothing else has to wait for it. */
import { Worker } from 'node:worker_threads';
import { UnrolledError } from '../../engine/errors.ts';
import type { TaskChoice } from '../../engine/experiment/experiment.ts';
import type { TaskOutline } from '../../engine/training/outline.ts';
import type { DatasetInfo } from '../api/data.ts';
import type { TaskDescription } from './description.ts';
import type { TaskAnswer, TaskExamples, TaskQuestion, WantedExamples } from './task-thread.ts';

/** Milliseconds in which the thread answers, or is ended: far more than the largest dataset takes. */
const LONGEST = 600_000;
/** Answers that are kept. */
const MOST_KEPT = 50;

type Question = TaskQuestion extends infer Q ? (Q extends TaskQuestion ? Omit<Q, 'number'> : never) : never;

interface Asked {
  readonly give: (answer: TaskAnswer) => void;
  readonly fail: (error: Error) => void;
}

export class TaskTeller {
  readonly #kept = new Map<string, Promise<TaskAnswer>>();
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #number = 0;

  /** `folder`: of the workspace's datasets. Throws InputError where the task cannot be made. */
  async outline(task: TaskChoice, folder: string): Promise<TaskOutline> {
    const answer = await this.#ask({ what: 'outline', task, folder });
    return 'outline' in answer ? answer.outline : mixedUp();
  }

  /** `folder`: of the workspace's datasets. Throws InputError where the task cannot be made. */
  async describe(task: TaskChoice, folder: string): Promise<TaskDescription> {
    const answer = await this.#ask({ what: 'description', task, folder });
    return 'description' in answer ? answer.description : mixedUp();
  }

  /** `folder`: of the workspace's datasets. Throws InputError where the task cannot be made. */
  async examples(task: TaskChoice, wanted: WantedExamples, folder: string): Promise<TaskExamples> {
    const answer = await this.#ask({ what: 'examples', task, folder, wanted });
    return 'examples' in answer ? answer.examples : mixedUp();
  }

  /** The datasets that come with the program. */
  async bundledDatasets(): Promise<readonly DatasetInfo[]> {
    const answer = await this.#ask({ what: 'bundled datasets' });
    return 'bundled' in answer ? answer.bundled : mixedUp();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#lose(new UnrolledError('closed', 'the workspace has been closed'));
    await worker?.terminate();
  }

  async #ask(question: Question): Promise<TaskAnswer> {
    const key = JSON.stringify(question);
    const kept = this.#kept.get(key) ?? this.#post({ number: this.#number++, ...question });
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    try {
      const answer = await kept;
      if ('error' in answer) throw failureOf(answer.error);
      return answer;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    }
  }

  #post(question: TaskQuestion): Promise<TaskAnswer> {
    return new Promise((give, fail) => {
      this.#worker ??= this.#start();
      const worker = this.#worker;
      const timer = setTimeout(() => {
        if (this.#worker === worker) {
          this.#lose(new UnrolledError('not-responding', 'reading the data took more than ten minutes and was ended'));
        }
        void worker.terminate();
      }, LONGEST);
      timer.unref();
      this.#asked.set(question.number, {
        give: (answer) => {
          clearTimeout(timer);
          give(answer);
        },
        fail: (error) => {
          clearTimeout(timer);
          fail(error);
        },
      });
      // Only while it owes an answer does the thread keep the process alive.
      this.#worker.ref();
      this.#worker.postMessage(question);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./task-thread.ts', import.meta.url));
    worker.on('message', (answer: TaskAnswer) => {
      this.#asked.get(answer.number)?.give(answer);
      this.#asked.delete(answer.number);
      if (this.#asked.size === 0) worker.unref();
    });
    worker.on('error', (error) => {
      this.#lose(error instanceof Error ? error : new Error(String(error)));
    });
    return worker;
  }

  #lose(error: Error): void {
    this.#worker = undefined;
    for (const { fail } of this.#asked.values()) fail(error);
    this.#asked.clear();
    this.#kept.clear();
  }
}

function mixedUp(): never {
  throw new Error('The thread has answered another question.');
}

function failureOf({ code, message, hint }: { code?: string; message: string; hint?: string }): Error {
  return code === undefined ? new Error(message) : new UnrolledError(code, message, hint);
}
