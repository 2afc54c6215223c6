/** In snippets: from a symbol to its number. One that the model does not know is refused, never taken for another. */
import { readsUnknownWords } from '../tasks/codec.ts';
import { UNKNOWN } from '../tasks/vocabulary.ts';
import type { AnyTrainedModel } from './trained-model.ts';

export function pythonNumberOf(model: Pick<AnyTrainedModel, 'codec' | 'taskState'>): readonly string[] {
  const stand = JSON.stringify(UNKNOWN);
  return readsUnknownWords(model.taskState, symbolsOf(model))
    ? ['def number_of(word):', `    return vocabulary.index(word if word in vocabulary else ${stand})`, '']
    : [
        'def number_of(symbol):',
        '    if symbol not in vocabulary:',
        '        raise ValueError(f"{symbol!r} is not in the vocabulary of this model")',
        '    return vocabulary.index(symbol)',
        '',
      ];
}

export function javaScriptNumberOf(model: Pick<AnyTrainedModel, 'codec' | 'taskState'>): readonly string[] {
  const stand = JSON.stringify(UNKNOWN);
  return readsUnknownWords(model.taskState, symbolsOf(model))
    ? ['function numberOf(word) {', `  return vocabulary.indexOf(vocabulary.includes(word) ? word : ${stand});`, '}']
    : [
        'function numberOf(symbol) {',
        '  const number = vocabulary.indexOf(symbol);',
        '  if (number < 0) throw new RangeError(`${JSON.stringify(symbol)} is not in the vocabulary of this model`);',
        '  return number;',
        '}',
      ];
}

function symbolsOf({ codec }: Pick<AnyTrainedModel, 'codec'>): readonly string[] {
  return codec.input.kind === 'tokens' ? codec.input.symbols : [];
}
