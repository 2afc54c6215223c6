/** Transformers of two halves in PyTorch. */
import type { TransformerSpec } from '../../models/spec.ts';
import { PADDING, type PythonModel } from './python-model.ts';
import {
  embeddedLine,
  embeddingLines,
  FUTURE,
  positionFunctions,
  positionsNote,
  stackLines,
} from './transformer-parts.ts';
import { translateLines, TRANSLATOR_CHECK, translatorNotes, writingLines, type Writing } from './translator.ts';

export function transformerTranslator(spec: TransformerSpec, writing: Writing): PythonModel {
  const { input, output, modelSize } = spec;
  if (input.kind !== 'tokens' || output.kind !== 'labels') {
    throw new TypeError('A transformer reads symbols and names labels.');
  }
  const definition = [
    'class Model(nn.Module):',
    ...translatorNotes(positionsNote(spec)),
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...embeddingLines(spec, 'source_', input.symbols),
    ...stackLines('encoder', 'Encoder', spec),
    ...embeddingLines(spec, 'target_', output.count),
    ...stackLines('decoder', 'Decoder', spec),
    `        self.head = nn.Linear(${modelSize}, ${output.count})`,
    '',
    '    def encode(self, source, source_lengths=None):',
    '        """What the decoder looks at: [source time, batch, numbers], and which of it is padding."""',
    embeddedLine(spec, 'source_', 'source'),
    '        padding = padding_of(source_lengths, x)',
    '        return self.encoder(x, src_key_padding_mask=padding), padding',
    '',
    '    def decode(self, target, memory, padding=None):',
    '        """Logits [target time, batch, labels]."""',
    embeddedLine(spec, 'target_', 'target'),
    '        return self.head(self.decoder(x, memory, tgt_mask=future(x), memory_key_padding_mask=padding))',
    '',
    '    def forward(self, source, target, source_lengths=None):',
    '        return self.decode(target, *self.encode(source, source_lengths))',
    '',
    ...translateLines('memory, padding', [
      'target = torch.tensor([START] + [symbol for symbol, _ in written], device=source.device)',
      'logits = self.decode(target.unsqueeze(1), memory, padding)[-1, 0]',
    ]),
  ];
  return {
    definitions: [writingLines(writing), ...positionFunctions(spec), FUTURE, PADDING, definition],
    check: TRANSLATOR_CHECK,
  };
}
