/**
 * What the page's own worker can do, by name. Each explorer adds the functions of its own module here; their types are
 * what `lab.engine.ask` has (state/page-engine.ts). A handler takes one plain value and gives one, or throws UnrolledError.
 */
import { examine, type Examined, type ExamineArgs } from './examine.ts';
import type { ModelKey } from './model-key.ts';
import { Models, type ModelFacts } from './models.ts';

const models = new Models();

export const handlers = {
  /** Opens a checkpoint; everything else is then asked of its key. */
  open: ({ key, bytes }: { readonly key: ModelKey; readonly bytes: Uint8Array }): ModelFacts => models.open(key, bytes),
  /** One sequence through a model, with and without what is held. */
  examine: (args: ExamineArgs): Promise<Examined> => examine(models, args),
};

export type WorkerHandlers = typeof handlers;
