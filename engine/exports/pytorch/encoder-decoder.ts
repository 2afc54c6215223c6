/** Two recurrent networks in PyTorch, one that reads and one that writes, with and without attention. */
import type { AttentionKind, EncoderDecoderSpec } from '../../models/spec.ts';
import { PADDING, type Lines, type PythonModel } from './python-model.ts';
import { embedded, packedLines, recurrentModule } from './recurrent.ts';
import { translateLines, TRANSLATOR_CHECK, translatorNotes, writingLines, type Writing } from './translator.ts';

export function encoderDecoderModel(spec: EncoderDecoderSpec, writing: Writing): PythonModel {
  const { input, output, embeddingSize, hiddenSize, bidirectional, attention } = spec;
  if (input.kind !== 'tokens' || output.kind !== 'labels') {
    throw new TypeError('An encoder-decoder reads and writes symbols.');
  }
  const looks = attention !== 'none';
  const width = hiddenSize * (bidirectional ? 2 : 1);
  const inputSize = (symbols: number) => (embeddingSize > 0 ? embeddingSize : symbols);
  // What goes from the encoder to the decoder.
  const read = [...(looks ? ['memory', 'padding'] : []), 'state'].join(', ');
  const definition = [
    'class Model(nn.Module):',
    ...translatorNotes(),
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...(embeddingSize > 0 ? [`        self.source_embedding = nn.Embedding(${input.symbols}, ${embeddingSize})`] : []),
    `        self.encoder = ${recurrentModule(spec, inputSize(input.symbols), bidirectional)}`,
    ...(embeddingSize > 0 ? [`        self.target_embedding = nn.Embedding(${output.count}, ${embeddingSize})`] : []),
    `        self.decoder = ${recurrentModule(spec, inputSize(output.count), false)}`,
    ...(bidirectional ? bridgeModules(spec) : []),
    ...(looks
      ? [
          '        self.attention = Attention()',
          `        self.combine = nn.Linear(${width + hiddenSize}, ${hiddenSize})`,
        ]
      : []),
    `        self.head = nn.Linear(${hiddenSize}, ${output.count})`,
    '',
    '    def encode(self, source, source_lengths=None):',
    looks
      ? '        """The encoder\'s states [source time, batch, numbers], which of them are padding, and the decoder\'s first."""'
      : '        """The decoder\'s first state."""',
    `        x = ${embedded('source', 'source_', embeddingSize, input.symbols)}`,
    ...packedLines('memory, state', 'encoder', 'source_lengths'),
    ...(bidirectional ? bridgeLines(spec) : []),
    `        return ${looks ? 'memory, padding_of(source_lengths, x), state' : 'state'}`,
    '',
    `    def decode(self, target, ${read}):`,
    '        """Logits [target time, batch, labels], and the state to go on from."""',
    `        x = ${embedded('target', 'target_', embeddingSize, output.count)}`,
    '        y, state = self.decoder(x, state)',
    ...(looks
      ? [
          '        context = self.attention(y, memory, padding)',
          '        y = torch.tanh(self.combine(torch.cat([context, y], dim=-1)))',
        ]
      : []),
    '        return self.head(y), state',
    '',
    '    def forward(self, source, target, source_lengths=None):',
    `        ${read} = self.encode(source, source_lengths)`,
    `        return self.decode(target, ${read})[0]`,
    '',
    ...translateLines(read, [
      'target = torch.tensor([[last]], device=source.device)',
      `y, state = self.decode(target, ${read})`,
      'logits = y[0, 0]',
    ]),
  ];
  const definitions = [writingLines(writing), ...(looks ? [PADDING, attentionModule(spec, attention, width)] : [])];
  return { definitions: [...definitions, definition], check: TRANSLATOR_CHECK };
}

const SCORES: Readonly<Record<Exclude<AttentionKind, 'none'>, (hiddenSize: number) => Lines>> = {
  additive: () => [
    '        both = (q @ self.w_query.T).unsqueeze(2) + (k @ self.w_key.T).unsqueeze(1)',
    '        scores = both.tanh() @ self.v',
  ],
  dot: () => ['        scores = q @ k.transpose(1, 2)'],
  'scaled-dot': (hiddenSize) => [`        scores = q @ k.transpose(1, 2) / ${hiddenSize} ** 0.5`],
  general: () => ['        scores = q @ (k @ self.w.T).transpose(1, 2)'],
};

function attentionModule(
  { hiddenSize, attentionSize }: EncoderDecoderSpec,
  kind: Exclude<AttentionKind, 'none'>,
  width: number,
): Lines {
  const parameter = (name: string, ...shape: readonly number[]) =>
    `        self.${name} = nn.Parameter(torch.empty(${shape.join(', ')}))`;
  const parameters =
    kind === 'additive'
      ? [
          parameter('w_query', attentionSize, hiddenSize),
          parameter('w_key', attentionSize, width),
          parameter('v', attentionSize),
        ]
      : kind === 'general'
        ? [parameter('w', hiddenSize, width)]
        : [];
  return [
    'class Attention(nn.Module):',
    '    """What each state of the decoder sees of the source."""',
    '',
    ...(parameters.length > 0 ? ['    def __init__(self):', '        super().__init__()', ...parameters, ''] : []),
    '    def forward(self, queries, keys, padding):',
    '        # Batches come first here: [batch, target time, source time].',
    '        q, k = queries.transpose(0, 1), keys.transpose(0, 1)',
    ...SCORES[kind](hiddenSize),
    '        if padding is not None:',
    '            scores = scores.masked_fill(padding.unsqueeze(1), float("-inf"))',
    '        return (scores.softmax(-1) @ k).transpose(0, 1)',
  ];
}

/** Of every layer and each part of its state, from both directions' last ones to the decoder's first. */
function bridgeModules({ cell, layers, hiddenSize }: EncoderDecoderSpec): Lines {
  const names = Array.from({ length: layers }, (_, l) => partsOf(cell).map((part) => `"${part}_l${l}"`)).flat();
  return [
    `        names = [${names.join(', ')}]`,
    `        self.bridge = nn.ModuleDict({name: nn.Linear(${2 * hiddenSize}, ${hiddenSize}) for name in names})`,
  ];
}

function bridgeLines({ cell, layers }: EncoderDecoderSpec): Lines {
  const bridged = (part: string, from: string) => [
    `        ends = torch.cat([${from}[0::2], ${from}[1::2]], dim=-1)`,
    `        ${part} = torch.stack([self.bridge[f"${part}_l{l}"](ends[l]) for l in range(${layers})])`,
  ];
  if (cell !== 'lstm') return [...bridged('h', 'state'), '        state = h'];
  return [...bridged('h', 'state[0]'), ...bridged('c', 'state[1]'), '        state = (h, c)'];
}

function partsOf(cell: EncoderDecoderSpec['cell']): readonly string[] {
  return cell === 'lstm' ? ['h', 'c'] : ['h'];
}
