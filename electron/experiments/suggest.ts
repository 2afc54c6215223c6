/** First experiments for a person's own data: settings that learn something of most data in a few minutes. */
import { FORMAT, VERSION } from '../../engine/experiment/schema.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { TaskDefinition } from '../../engine/tasks/definition.ts';
import { FIRST_WINDOWS } from '../datasets/import/series-plan.ts';
import type { Manifest } from '../datasets/stored.ts';

/** Updates that a first run should have; the passes over the data follow from it. */
const UPDATES = 2000;

type Section = Readonly<Record<string, JsonValue>>;

/** `dataset`: the id of the dataset that the manifest is of. */
export function suggestOwn(definition: TaskDefinition, dataset: string, manifest: Manifest): JsonValue {
  const { task, model, training } = settingsFor(definition.kind, manifest);
  return {
    format: FORMAT,
    version: VERSION,
    name: manifest.name,
    seed: 1,
    task: { id: definition.id, dataset, ...task },
    model: { cell: 'lstm', ...model },
    training: {
      optimizer: { kind: 'adam', learningRate: 0.003 },
      schedule: { kind: 'cosine', warmup: 50, floor: 0.02 },
      clipNorm: 1,
      ...training,
    },
  };
}

interface Settings {
  readonly task?: Section;
  readonly model: Section;
  readonly training: Section;
}

function settingsFor(kind: TaskDefinition['kind'], manifest: Manifest): Settings {
  const { size, series } = manifest;
  switch (kind) {
    case 'language': {
      const steps = size < 5000 ? 32 : 64;
      // Lanes of a few windows at least.
      const batchSize = clamp(Math.floor(size / (steps * 4)), 1, 32);
      return {
        model: { hiddenSize: size < 50_000 ? 128 : 256, dropout: 0.1 },
        training: { batchSize, steps, ...passes(size / steps, batchSize), evaluateEvery: 200 },
      };
    }
    case 'classification':
    case 'tagging': {
      const batchSize = size < 1000 ? 16 : 32;
      return {
        model: { hiddenSize: 64, bidirectional: true, embeddingSize: 16, dropout: 0.3 },
        training: { batchSize, ...passes(size, batchSize) },
      };
    }
    case 'generation': {
      const batchSize = size < 1000 ? 16 : 64;
      return { model: { hiddenSize: 128, dropout: 0.2 }, training: { batchSize, ...passes(size, batchSize) } };
    }
    case 'translation': {
      const batchSize = size < 1000 ? 16 : 64;
      return {
        model: {
          architecture: 'encoder-decoder',
          hiddenSize: 128,
          bidirectional: true,
          embeddingSize: 64,
          attention: 'additive',
          dropout: 0.2,
        },
        training: { batchSize, ...passes(size, batchSize) },
      };
    }
    case 'regression': {
      const interval = series?.interval ?? 'step';
      const batchSize = size < 1000 ? 16 : 32;
      // A window, its differences and a forecast must fit into both parts several times.
      const window = series?.window ?? clamp(Math.floor(size / 8), 1, FIRST_WINDOWS[interval]);
      return {
        task: { window },
        model: { hiddenSize: 32, dropout: 0.1 },
        training: { batchSize, ...passes(size, batchSize) },
      };
    }
  }
}

/** As many passes over `items` as make about UPDATES updates, 1 to 100 of them. */
function passes(items: number, batchSize: number): Section {
  return { epochs: clamp(Math.round((UPDATES * batchSize) / items), 1, 100) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
