/** What transformers of every form have in PyTorch: embedded symbols with their positions, and layers. */
import type { TransformerSpec } from '../../models/spec.ts';
import { block, pythonBoolean, type Lines } from './python-model.ts';

const SINUSOIDS = block(`
def sinusoids(steps, size):
    """[time, 1, size]: number 2 i of step t is sin(t / 10000^(2 i / size)), number 2 i + 1 its cosine."""
    columns = torch.arange(size)
    angles = torch.arange(steps).unsqueeze(1) / 10000 ** ((columns - columns % 2).double() / size)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float().unsqueeze(1)
`);

export const FUTURE = block(`
def future(x):
    """Which steps of x come after which, [time, time]: what a decoder must not see."""
    return torch.ones(len(x), len(x), dtype=torch.bool, device=x.device).triu(1)
`);

/** Functions that `embeddedLine` calls. */
export function positionFunctions({ positions }: TransformerSpec): readonly Lines[] {
  return positions === 'learned' ? [] : [SINUSOIDS];
}

/** Of the class Model: how far its positions go. */
export function positionsNote({ positions, maxPositions }: TransformerSpec): string {
  return positions === 'learned' ? ` There are positions for ${maxPositions} steps.` : '';
}

/** In `__init__`. */
export function embeddingLines(spec: TransformerSpec, prefix: '' | 'source_' | 'target_', symbols: number): Lines {
  const { modelSize, positions, maxPositions } = spec;
  return [
    `        self.${prefix}embedding = nn.Embedding(${symbols}, ${modelSize})`,
    ...(positions === 'learned'
      ? [`        self.${prefix}positions = nn.Embedding(${maxPositions}, ${modelSize})`]
      : []),
  ];
}

/** From symbols to x. */
export function embeddedLine(spec: TransformerSpec, prefix: '' | 'source_' | 'target_', tokens: string): string {
  const positions =
    spec.positions === 'learned'
      ? `self.${prefix}positions.weight[: len(${tokens})].unsqueeze(1)`
      : `sinusoids(len(${tokens}), ${spec.modelSize}).to(${tokens}.device)`;
  return `        x = self.${prefix}embedding(${tokens}) + ${positions}`;
}

/** In `__init__`: layers one above the other; 'Decoder': that look at a memory too. */
export function stackLines(name: 'encoder' | 'decoder', kind: 'Encoder' | 'Decoder', spec: TransformerSpec): Lines {
  const { modelSize, heads, feedForwardSize, activation, norm, layers } = spec;
  const options = `dropout=0.0, activation="${activation}", norm_first=${pythonBoolean(norm === 'pre')}`;
  const last = norm === 'pre' ? `, norm=nn.LayerNorm(${modelSize})` : '';
  const plain = kind === 'Encoder' ? ', enable_nested_tensor=False' : '';
  return [
    `        layer = nn.Transformer${kind}Layer(${modelSize}, ${heads}, ${feedForwardSize}, ${options})`,
    `        self.${name} = nn.Transformer${kind}(layer, ${layers}${last}${plain})`,
  ];
}
