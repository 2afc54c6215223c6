/**
 * A trained model for PyTorch: model.safetensors with PyTorch's own names and shapes, and a Python file that defines
 * the model, loads the weights strictly and reproduces the prediction in example.json. It needs torch alone.
 */
import { writeSafetensors } from '../formats/safetensors.ts';
import { describeArchitecture } from './card.ts';
import type { Card } from './card.ts';
import { PRODUCER } from './card.ts';
import { exampleOf } from './example.ts';
import type { ExportedFile } from './files.ts';
import { textFile } from './files.ts';
import { portableTask } from './portable-task.ts';
import { goesOnFromState, type TrainedModel } from './trained-model.ts';

/** `answer`: the engine's outputs for exampleOf(model). */
export function pytorchExport(model: TrainedModel, card: Card, answer: Float32Array): readonly ExportedFile[] {
  const { encoded } = exampleOf(model);
  const example = {
    ...(encoded.tokens ? { tokens: Array.from(encoded.tokens) } : { values: Array.from(encoded.values ?? []) }),
    ...(encoded.condition === undefined ? {} : { label: encoded.condition }),
    outputs: Array.from(answer),
  };
  return [
    { name: 'model.safetensors', bytes: writeSafetensors(model.weights, safetensorsMetadata(model, card)) },
    textFile('model.py', pythonFile(model, card)),
    textFile('example.json', `${JSON.stringify(example)}\n`),
    textFile('README.md', card.markdown),
  ];
}

function safetensorsMetadata(model: TrainedModel, card: Card): Readonly<Record<string, string>> {
  return {
    format: 'pt',
    producer: `${PRODUCER} ${card.version}`,
    experiment: JSON.stringify(model.experiment),
    taskState: JSON.stringify(model.taskState),
    update: String(model.update),
    task: JSON.stringify(portableTask(model)),
    card: card.markdown,
  };
}

/** The Python file. Everything that depends on the model is written out as constants. */
export function pythonFile(model: TrainedModel, card: Card): string {
  const { spec } = model;
  const { input, output, cell, hiddenSize: H, layers, bidirectional, relu, embeddingSize, conditions, pooling } = spec;
  const lstm = cell === 'lstm';
  const D = bidirectional ? 2 : 1;
  const inputSize = input.kind === 'values' ? input.width : embeddingSize > 0 ? embeddingSize : input.symbols;
  const count = output.kind === 'labels' ? output.count : output.width;
  const module = cell === 'rnn' ? 'RNN' : cell.toUpperCase();
  const options = [
    `num_layers=${layers}`,
    `bidirectional=${bidirectional ? 'True' : 'False'}`,
    ...(cell === 'rnn' ? [`nonlinearity="${relu ? 'relu' : 'tanh'}"`] : []),
  ].join(', ');
  const x = input.kind === 'values' ? 'values' : 'tokens';
  const states = goesOnFromState(model);
  const perSequence = output.per === 'sequence';
  const labelled = conditions > 0;
  const parameters = [x, ...(perSequence || bidirectional ? ['lengths=None'] : []), ...(states ? ['state=None'] : [])];
  if (labelled) parameters.push('label=None');
  const lines = [
    '"""',
    `${plainText(card.title)}: ${describeArchitecture(model)}.`,
    '',
    `Made with ${PRODUCER} ${plainText(card.version)}. Run this file to load model.safetensors and check it against example.json;`,
    'import it for the class Model. It needs Python 3.8 and torch, nothing else.',
    '"""',
    'import json',
    'import struct',
    'import sys',
    'from pathlib import Path',
    '',
    'import torch',
    'from torch import nn',
    '',
    'HERE = Path(__file__).parent',
    '',
    '',
    'class Model(nn.Module):',
    ...(input.kind === 'tokens'
      ? ['    """tokens: int64 [time, batch], numbers of symbols (METADATA["task"]["vocabulary"])."""']
      : ['    """values: float32 [time, batch, numbers], normalised as METADATA["task"] says."""']),
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...(embeddingSize > 0 && input.kind === 'tokens'
      ? [`        self.embedding = nn.Embedding(${input.symbols}, ${embeddingSize})`]
      : []),
    `        self.recurrent = nn.${module}(${inputSize}, ${H}, ${options})`,
    ...(labelled
      ? [
          `        # One row for each label: h of every layer${lstm ? ', then c of every layer' : ''}.`,
          `        self.initial = nn.Embedding(${conditions}, ${layers * (lstm ? 2 : 1) * H})`,
        ]
      : []),
    `        self.head = nn.Linear(${H * D}, ${count})`,
    '',
    `    def forward(self, ${parameters.join(', ')}):`,
    ...(input.kind === 'values'
      ? ['        x = values']
      : embeddingSize > 0
        ? ['        x = self.embedding(tokens)']
        : [`        x = nn.functional.one_hot(tokens, ${input.symbols}).float()`]),
    ...(labelled
      ? [
          '        if label is not None:',
          `            rows = self.initial(label).reshape(-1, ${layers * (lstm ? 2 : 1)}, ${H}).transpose(0, 1).contiguous()`,
          lstm ? `            state = (rows[:${layers}], rows[${layers}:])` : '            state = rows',
        ]
      : []),
    ...(perSequence || bidirectional
      ? [
          '        packed = x',
          '        if lengths is not None:',
          '            packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)',
          '        y, state = self.recurrent(packed)',
          '        if lengths is not None:',
          '            y, _ = nn.utils.rnn.pad_packed_sequence(y, total_length=x.shape[0])',
        ]
      : [`        y, state = self.recurrent(x${states ? ', state' : ''})`]),
    ...(perSequence ? poolingLines(pooling, lstm, bidirectional) : []),
    '        y = self.head(y)',
    ...(states ? ['        return y, state'] : ['        return y']),
    '',
    '',
    'def read_safetensors(path):',
    '    """The tensors and the metadata of a file: https://github.com/huggingface/safetensors#format."""',
    '    data = bytearray(Path(path).read_bytes())',
    '    (length,) = struct.unpack_from("<Q", data)',
    '    header = json.loads(data[8 : 8 + length])',
    '    metadata = header.pop("__metadata__", {})',
    '    tensors = {}',
    '    for name, entry in header.items():',
    '        begin, end = entry["data_offsets"]',
    '        assert entry["dtype"] == "F32", (name, entry["dtype"])',
    '        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=8 + length + begin)',
    '        tensors[name] = flat.reshape(entry["shape"]).clone()',
    '    return tensors, metadata',
    '',
    '',
    'def load(path=HERE / "model.safetensors"):',
    '    tensors, metadata = read_safetensors(path)',
    '    model = Model()',
    '    model.load_state_dict(tensors, strict=True)',
    '    metadata["task"] = json.loads(metadata["task"])',
    '    return model.eval(), metadata',
    '',
    '',
    'def main():',
    '    model, metadata = load()',
    '    example = json.loads((HERE / "example.json").read_text())',
    '    with torch.no_grad():',
    ...(input.kind === 'tokens'
      ? ['        x = torch.tensor(example["tokens"]).reshape(-1, 1)']
      : [`        x = torch.tensor(example["values"], dtype=torch.float32).reshape(-1, 1, ${input.width})`]),
    `        ${states ? 'y, _' : 'y'} = model(x${labelled ? ', label=torch.tensor([example["label"]])' : ''})`,
    ...(output.kind === 'labels' ? ['        y = y.softmax(-1)'] : []),
    '    want = torch.tensor(example["outputs"])',
    '    error = ((y.flatten() - want).abs().max() / want.abs().max()).item()',
    '    print(f"{error:.1e} is the largest difference to the stored prediction, relative to its largest number")',
    '    return 0 if error < 1e-5 else 1',
    '',
    '',
    'if __name__ == "__main__":',
    '    sys.exit(main())',
    '',
  ];
  return lines.join('\n');
}

/** From y [time, batch, width] to [batch, width]. */
function poolingLines(pooling: 'last' | 'mean' | 'max', lstm: boolean, bidirectional: boolean): readonly string[] {
  if (pooling === 'last') {
    const h = lstm ? 'state[0]' : 'state';
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

/** Without what would end a Python docstring. */
function plainText(text: string): string {
  return text.replace(/["\\\r\n]+/gu, ' ').trim();
}
