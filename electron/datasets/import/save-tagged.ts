/** Tagged sentences on their way from the rows of a table into a dataset. */
import { InputError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import { cut, Samples } from '../samples.ts';
import type { Column } from './columns.ts';
import { eachRow, type FileReader } from './reader.ts';
import type { Written } from './save.ts';
import type { Pass } from './scan.ts';
import type { TextWriter } from './writer.ts';

/** Different tags that tokens may have. */
const MOST_TAGS = 500;
/** Tokens of a sentence; without a column of sentences, the whole file would be one. */
const LONGEST_SENTENCE = 4096;

/** Puts tokens with their tags together to sentences. */
export class SentenceGatherer {
  readonly #hasSentences: boolean;
  #sentence: string | undefined;
  #tokens: string[] = [];
  #tags: string[] = [];

  constructor(hasSentences: boolean) {
    this.#hasSentences = hasSentences;
  }

  /** The sentence that has ended before this row, if one has. `sentence` empty: the one above goes on. */
  take(token: string, tag: string, sentence: string): readonly [readonly string[], readonly string[]] | undefined {
    const isNew = this.#hasSentences && sentence !== '' && this.#sentence !== undefined && sentence !== this.#sentence;
    const ended = isNew ? this.end() : undefined;
    if (sentence !== '') this.#sentence = sentence;
    this.#tokens.push(token);
    this.#tags.push(tag);
    return ended;
  }

  end(): readonly [readonly string[], readonly string[]] | undefined {
    const ended = this.#tokens.length > 0 ? ([this.#tokens, this.#tags] as const) : undefined;
    this.#tokens = [];
    this.#tags = [];
    return ended;
  }

  get length(): number {
    return this.#tokens.length;
  }
}

/** `columns`: of the tokens, of their tags, and of the sentences where there is one. */
export async function writeTagged(
  reader: FileReader,
  writer: TextWriter,
  pass: Pass,
  columns: readonly Column[],
): Promise<Written> {
  const gatherer = new SentenceGatherer(columns.length > 2);
  const samples = new Samples();
  const different = new Set<string>();
  let size = 0;
  let leftOut = 0;
  const write = async (sentence: readonly [readonly string[], readonly string[]] | undefined) => {
    if (!sentence) return;
    const [tokens, tags] = sentence;
    size++;
    samples.offer(() => ({ input: cut(tokens.join(' ')), target: cut(tags.join(' ')) }));
    await writer.write(`${JSON.stringify(sentence)}\n`);
  };
  await eachRow(reader, columns, pass, async (fields, line) => {
    const [token = '', tag = '', sentence = ''] = fields.map((field) => field.trim());
    if (token === '' || tag === '') {
      leftOut++;
      return;
    }
    different.add(tag);
    if (different.size > MOST_TAGS) {
      throw new InputError(
        `${reader.source.name}, line ${line}: the column ${show(columns[1]?.name)} has more than ${MOST_TAGS} different tags`,
        'Choose a column that has one of a few tags for each token.',
      );
    }
    // A token is one symbol; white space would make two of it.
    await write(gatherer.take(token.replaceAll(/\s+/g, '\u00a0'), tag.replaceAll(/\s+/g, '_'), sentence));
    if (gatherer.length > LONGEST_SENTENCE) {
      throw new InputError(
        `${reader.source.name}, line ${line}: a sentence has more than ${LONGEST_SENTENCE.toLocaleString('en')} tokens`,
        'Choose the column whose value changes from sentence to sentence.',
      );
    }
  });
  await write(gatherer.end());
  if (size < 2) {
    throw new InputError(
      `${reader.source.name} has ${size} tagged ${size === 1 ? 'sentence' : 'sentences'}; at least 2 are needed`,
    );
  }
  return { size, samples: samples.kept, leftOut };
}
