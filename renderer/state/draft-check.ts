import type * as v from 'valibot';
import type { experiments, layerInfo } from '../../electron/api/runs.ts';

export type LayerInfo = v.InferOutput<typeof layerInfo>;
/** What an experiment would be. */
export type Size = v.InferOutput<(typeof experiments)['check']['result']>;
