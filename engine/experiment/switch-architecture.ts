import type { JsonValue } from '../json.ts';
import type { Architecture } from './experiment.ts';

type Fields = Readonly<Record<string, JsonValue>>;

/** What a transformer's size is a multiple of when it takes another model's: it then divides into its heads. */
const HEADS = 4;
const LARGEST = 8192;

/**
 * A model's section for another architecture: sizes, depth and dropout are kept as far as they have a counterpart, what
 * belongs to the other one alone is left out. Not complete: parseExperiment fills in the rest.
 */
export function switchArchitecture(model: Fields, architecture: Architecture): Fields {
  const current = model['architecture'] ?? 'recurrent';
  if (current === architecture) return model;
  const { dropout = 0 } = model;
  if (architecture === 'transformer') {
    const size = typeof model['hiddenSize'] === 'number' ? model['hiddenSize'] : 0;
    const modelSize = Math.min(LARGEST, Math.max(2, Math.ceil(size / (2 * HEADS))) * 2 * HEADS);
    return { architecture, modelSize, heads: HEADS, dropout };
  }
  if (current === 'transformer') {
    return { architecture, cell: 'lstm', hiddenSize: model['modelSize'] ?? 128, embeddingSize: 32, dropout };
  }
  const { pooling: _pooling, attention: _attention, attentionSize: _attentionSize, ...shared } = model;
  return { ...shared, architecture };
}
