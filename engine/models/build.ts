import type { BuildNetwork } from '../team/layout.ts';
import type { Model } from './model.ts';
import { RecurrentModel } from './recurrent-model.ts';
import type { ModelSpec } from './spec.ts';

/** The model of a spec, whatever its architecture. */
export function buildModel(spec: ModelSpec): BuildNetwork<Model> {
  return (plan) => {
    if (spec.architecture !== 'recurrent') throw new Error(`No model of the architecture ${spec.architecture} yet.`);
    return new RecurrentModel(plan, spec);
  };
}
