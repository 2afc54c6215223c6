import type { BuildNetwork } from '../team/layout.ts';
import type { Model } from './model.ts';
import { RecurrentModel } from './recurrent-model.ts';
import type { ModelSpec } from './spec.ts';

/** The model of a spec, whatever its architecture. */
export function buildModel(spec: ModelSpec): BuildNetwork<Model> {
  return (plan) => new RecurrentModel(plan, spec);
}
