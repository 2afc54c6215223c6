/** Transformers in PyTorch that continue, classify and tag. */
import type { TransformerSpec } from '../../models/spec.ts';
import { INPUT_NOTES, outputCheck, PADDING, type Lines, type PythonModel } from './python-model.ts';
import {
  embeddedLine,
  embeddingLines,
  FUTURE,
  positionFunctions,
  positionsNote,
  stackLines,
} from './transformer-parts.ts';

/** `window`: the most steps that it was trained on. */
export function transformerModel(spec: TransformerSpec, window: number): PythonModel {
  const { input, output, form, modelSize } = spec;
  if (input.kind !== 'tokens' || output.kind !== 'labels') {
    throw new TypeError('A transformer reads symbols and names labels.');
  }
  const causal = form === 'decoder';
  const name = causal ? 'decoder' : 'encoder';
  const limit = causal ? ` At most ${window} steps, as in training.` : positionsNote(spec);
  const definition = [
    'class Model(nn.Module):',
    `    """${INPUT_NOTES.tokens}${limit}"""`,
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...embeddingLines(spec, '', input.symbols),
    ...stackLines(name, 'Encoder', spec),
    `        self.head = nn.Linear(${modelSize}, ${output.count})`,
    '',
    `    def forward(self, tokens${causal ? '' : ', lengths=None'}):`,
    embeddedLine(spec, '', 'tokens'),
    ...(causal
      ? ['        y = self.decoder(x, mask=future(x))']
      : [
          '        padding = padding_of(lengths, x)',
          '        y = self.encoder(x, src_key_padding_mask=padding)',
          ...(output.per === 'sequence' ? poolingLines(spec) : []),
        ]),
    '        return self.head(y)',
  ];
  return {
    definitions: [...positionFunctions(spec), causal ? FUTURE : PADDING, definition],
    check: outputCheck(spec, 'model(x)'),
  };
}

/** From y [time, batch, width] to [batch, width]. */
function poolingLines({ pooling }: TransformerSpec): Lines {
  if (pooling === 'last') {
    return [
      '        if lengths is None:',
      '            y = y[-1]',
      '        else:',
      '            y = y[lengths.to(y.device) - 1, torch.arange(y.shape[1], device=y.device)]',
    ];
  }
  const outside = '        if padding is not None:';
  if (pooling === 'max') {
    return [
      outside,
      '            y = y.masked_fill(padding.T.unsqueeze(-1), float("-inf"))',
      '        y = y.max(0).values',
    ];
  }
  return [
    outside,
    '            y = y.masked_fill(padding.T.unsqueeze(-1), 0.0)',
    '        y = y.sum(0) / (y.shape[0] if lengths is None else lengths.to(y.device).unsqueeze(-1))',
  ];
}
