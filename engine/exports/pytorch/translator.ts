/** What every translator has in PyTorch: symbols that begin, end and are never written, and the check of a pair. */
import { longestTarget } from '../../models/translator.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { block, type Lines } from './python-model.ts';

/** What a translator writes with: numbers among its labels. */
export interface Writing {
  readonly start: number;
  readonly end: number;
  /** Never written. */
  readonly excluded: readonly number[];
  /** Symbols, the end included. */
  readonly most: number;
}

export function writingOf({ codec, experiment }: Pick<AnyTrainedModel, 'codec' | 'experiment'>): Writing {
  const { boundaries, target } = codec;
  if (!boundaries || !target) throw new TypeError('Only translators have targets.');
  return { ...boundaries, excluded: [...target.excluded], most: longestTarget(experiment) };
}

/** Of the class Model; `more`: what is to be said beside. */
export function translatorNotes(more = ''): Lines {
  return [
    '    """source, target: int64 [time, batch], numbers of symbols (metadata["task"]["vocabulary"] and ["labels"]).',
    '',
    `    The target begins with the start; the answer to each of its steps is about the symbol that follows.${more}`,
    '    """',
  ];
}

/** START, END, EXCLUDED, and MOST: of the symbols that are written. */
export function writingLines({ start, end, excluded, most }: Writing): Lines {
  return [
    `START = ${start}`,
    `END = ${end}`,
    '# Never written: the start, and what stands for unknown symbols.',
    `EXCLUDED = [${excluded.join(', ')}]`,
    '# The most symbols that are written, the end included.',
    `MOST = ${most}`,
  ];
}

/**
 * The method `translate`. `read`: from the source to what `next` uses; `next`: from the `last` symbol, or from all that is
 * `written`, to the logits of the one that follows.
 */
export function translateLines(read: string, next: Lines): Lines {
  return [
    '    @torch.no_grad()',
    '    def translate(self, source, most=MOST):',
    '        """The most probable symbols one after the other with their probabilities. source: int64 [time]."""',
    `        ${read} = self.encode(source.unsqueeze(1))`,
    '        last, written = START, []',
    '        for _ in range(most):',
    ...next.map((line) => `            ${line}`),
    '            probabilities = logits.softmax(-1)',
    '            logits[EXCLUDED] = float("-inf")',
    '            last = int(logits.argmax())',
    '            if last == END:',
    '                break',
    '            written.append((last, float(probabilities[last])))',
    '        return written',
  ];
}

/** Logits of a pair, and what is written for its source. */
export const TRANSLATOR_CHECK = block(`
        source = torch.tensor(example["source"])
        y = model(source.unsqueeze(1), torch.tensor(example["target"]).unsqueeze(1))
        want = torch.tensor(example["logits"])
        same = [symbol for symbol, _ in model.translate(source, example["most"])] == example["written"]
`).map((line) => `        ${line.trim()}`);
