import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../engine/json.ts';
import { ARCHITECTURES } from '../../../engine/experiment/model-schema.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { switchArchitecture } from '../../../engine/experiment/switch-architecture.ts';

type Fields = Readonly<Record<string, JsonValue>>;

function complete(model: Fields): Fields {
  const header = { format: 'unrolled-experiment', version: 1, task: { id: 'dates' }, training: { updates: 1 } };
  return parseExperiment({ ...header, model }).model as unknown as Fields;
}

const MODELS: readonly Fields[] = [
  { cell: 'rnn', nonlinearity: 'relu', hiddenSize: 50, layers: 2, bidirectional: true, embeddingSize: 7, dropout: 0.3 },
  { cell: 'lstm', hiddenSize: 8192, pooling: 'max', init: { forgetBias: 2 } },
  { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 1, attention: 'additive', attentionSize: 9 },
  { architecture: 'transformer', modelSize: 48, heads: 3, positions: 'learned', dropout: 0.2 },
];

describe('another architecture', () => {
  test.each(MODELS)('of %j can be parsed, and back', (model) => {
    for (const architecture of ARCHITECTURES) {
      const other = complete(switchArchitecture(complete(model), architecture));
      expect(other['architecture']).toBe(architecture);
      expect(other['dropout']).toBe(model['dropout'] ?? 0);
      expect(() => complete(switchArchitecture(other, 'recurrent'))).not.toThrow();
    }
  });

  test('keeps what both have', () => {
    const { architecture, pooling, ...shared } = complete(MODELS[0]!);
    expect([architecture, pooling]).toEqual(['recurrent', 'last']);
    expect(switchArchitecture(complete(MODELS[0]!), 'encoder-decoder')).toEqual({
      ...shared,
      architecture: 'encoder-decoder',
    });
    expect(switchArchitecture({ cell: 'gru', hiddenSize: 50 }, 'transformer')).toMatchObject({
      modelSize: 56,
      heads: 4,
    });
    expect(switchArchitecture(MODELS[3]!, 'recurrent')).toMatchObject({ cell: 'lstm', hiddenSize: 48 });
    expect(switchArchitecture(MODELS[3]!, 'transformer')).toBe(MODELS[3]);
  });
});
