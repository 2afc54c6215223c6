/** RNN, LSTM and GRU in PyTorch: from steps to outputs of steps or of the whole. */
import type { RecurrentSpec } from '../../models/spec.ts';
import { goesOnFromState, type TrainedModel } from '../trained-model.ts';
import { INPUT_NOTES, outputCheck, pythonBoolean, type Lines, type PythonModel } from './python-model.ts';

export function recurrentModel(model: TrainedModel): PythonModel {
  const { spec } = model;
  const { input, output, cell, hiddenSize, layers, bidirectional, embeddingSize, conditions } = spec;
  const lstm = cell === 'lstm';
  const inputSize = input.kind === 'values' ? input.width : embeddingSize > 0 ? embeddingSize : input.symbols;
  const count = output.kind === 'labels' ? output.count : output.width;
  const states = goesOnFromState(model);
  const perSequence = output.per === 'sequence';
  const packs = perSequence || bidirectional;
  const labelled = conditions > 0;
  const parameters = [
    input.kind,
    ...(packs ? ['lengths=None'] : []),
    ...(states ? ['state=None'] : []),
    ...(labelled ? ['label=None'] : []),
  ];
  const parts = layers * (lstm ? 2 : 1);
  const definition = [
    'class Model(nn.Module):',
    `    """${INPUT_NOTES[input.kind]}"""`,
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...(embeddingSize > 0 && input.kind === 'tokens'
      ? [`        self.embedding = nn.Embedding(${input.symbols}, ${embeddingSize})`]
      : []),
    `        self.recurrent = ${recurrentModule(spec, inputSize, bidirectional)}`,
    ...(labelled
      ? [
          `        # One row for each label: h of every layer${lstm ? ', then c of every layer' : ''}.`,
          `        self.initial = nn.Embedding(${conditions}, ${parts * hiddenSize})`,
        ]
      : []),
    `        self.head = nn.Linear(${hiddenSize * (bidirectional ? 2 : 1)}, ${count})`,
    '',
    `    def forward(self, ${parameters.join(', ')}):`,
    `        x = ${input.kind === 'values' ? 'values' : embedded('tokens', '', embeddingSize, input.symbols)}`,
    ...(labelled
      ? [
          '        if label is not None:',
          `            rows = self.initial(label).reshape(-1, ${parts}, ${hiddenSize}).transpose(0, 1).contiguous()`,
          lstm ? `            state = (rows[:${layers}], rows[${layers}:])` : '            state = rows',
        ]
      : []),
    ...(packs
      ? packedLines('y, state', 'recurrent', 'lengths')
      : [`        y, state = self.recurrent(x${states ? ', state' : ''})`]),
    ...(perSequence ? poolingLines(spec) : []),
    '        y = self.head(y)',
    ...(states ? ['        return y, state'] : ['        return y']),
  ];
  const call = `model(x${labelled ? ', label=torch.tensor([example["label"]])' : ''})`;
  return { definitions: [definition], check: outputCheck(spec, states ? `${call}[0]` : call) };
}

/** `nn.LSTM(65, 128, num_layers=2, bidirectional=False)` */
export function recurrentModule(
  { cell, relu, hiddenSize, layers }: Pick<RecurrentSpec, 'cell' | 'relu' | 'hiddenSize' | 'layers'>,
  inputSize: number,
  bidirectional: boolean,
): string {
  const options = [
    inputSize,
    hiddenSize,
    `num_layers=${layers}`,
    `bidirectional=${pythonBoolean(bidirectional)}`,
    ...(cell === 'rnn' ? [`nonlinearity="${relu ? 'relu' : 'tanh'}"`] : []),
  ];
  return `nn.${cell.toUpperCase()}(${options.join(', ')})`;
}

/** Symbols as vectors: rows of an embedding, or one-hot. */
export function embedded(tokens: string, prefix: string, embeddingSize: number, symbols: number): string {
  return embeddingSize > 0
    ? `self.${prefix}embedding(${tokens})`
    : `nn.functional.one_hot(${tokens}, ${symbols}).float()`;
}

/** From x, with padding behind, to `results`: what the recurrent module gives for each sequence's own steps. */
export function packedLines(results: 'y, state' | 'memory, state', module: string, lengths: string): Lines {
  const [y] = results.split(', ');
  return [
    '        packed = x',
    `        if ${lengths} is not None:`,
    `            packed = nn.utils.rnn.pack_padded_sequence(x, ${lengths}.cpu(), enforce_sorted=False)`,
    `        ${results} = self.${module}(packed)`,
    `        if ${lengths} is not None:`,
    `            ${y}, _ = nn.utils.rnn.pad_packed_sequence(${y}, total_length=x.shape[0])`,
  ];
}

/** From y [time, batch, width], zero behind the ends, to [batch, width]. */
function poolingLines({ pooling, cell, bidirectional }: RecurrentSpec): Lines {
  if (pooling === 'last') {
    const h = cell === 'lstm' ? 'state[0]' : 'state';
    return [bidirectional ? `        y = torch.cat([${h}[-2], ${h}[-1]], dim=-1)` : `        y = ${h}[-1]`];
  }
  if (pooling === 'mean') {
    return ['        y = y.sum(0) / (y.shape[0] if lengths is None else lengths.to(y.device).unsqueeze(-1))'];
  }
  return [
    '        if lengths is not None:',
    '            inside = torch.arange(y.shape[0], device=y.device).unsqueeze(1) < lengths.to(y.device)',
    '            y = y.masked_fill(~inside.unsqueeze(-1), float("-inf"))',
    '        y = y.max(0).values',
  ];
}
