/**
 * What the page's own worker can do, by name. Each explorer adds the functions of its own module here; their types are
 * what `lab.engine.ask` has (state/page-engine.ts). A handler takes one plain value and gives one, or throws UnrolledError.
 */
import type { Quantity } from '../../engine/explain/quantity.ts';
import { Examiner, type Examined, type ExamineArgs } from './examine.ts';
import type { ModelKey } from './model-key.ts';
import { Models, type ModelFacts } from './models.ts';

const models = new Models();
const examiner = new Examiner(models);

export const handlers = {
  /** Opens a checkpoint; everything else is then asked of its key. */
  open: ({ key, bytes }: { readonly key: ModelKey; readonly bytes: Uint8Array }): ModelFacts => models.open(key, bytes),
  /** One sequence through a layer of a model: its gates and states at every step. */
  examine: (args: ExamineArgs & { readonly known: boolean }): Promise<Examined> => examiner.examine(args),
  /** One number of such a pass, with its formula and operands. */
  quantity: (args: ExamineArgs & { readonly quantity: string }): Promise<Quantity> => examiner.quantity(args),
};

export type WorkerHandlers = typeof handlers;
