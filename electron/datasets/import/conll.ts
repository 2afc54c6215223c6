/** Tagged text in columns, as of the CoNLL shared tasks: a token a line, an empty line behind every sentence. */
import type { Row, RowParser } from './delimited.ts';

/** The first column of every row: the number of its sentence, from 1. */
export const SENTENCE = 'sentence';

const CONLL_U = ['id', 'token', 'lemma', 'upos', 'xpos', 'features', 'head', 'relation', 'dependencies', 'misc'];

/** A tag of a named entity, in any of the usual schemes. */
export const ENTITY_TAG = /^(?:O|[BIESLUM]-\S+)$/;

export class ConllParser implements RowParser {
  #text = '';
  #line = 1;
  #sentence = 1;
  #tokens = 0;
  #columns: readonly string[] = [];

  get columns(): readonly string[] {
    return this.#columns;
  }

  push(text: string): readonly Row[] {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    return lines.flatMap((line) => this.#read(line));
  }

  end(): readonly Row[] {
    const rest = this.#text;
    this.#text = '';
    return rest === '' ? [] : this.#read(rest);
  }

  #read(text: string): readonly Row[] {
    const line = this.#line++;
    const fields = conllFields(text);
    if (fields.length === 0 || fields[0] === '-DOCSTART-') {
      if (this.#tokens > 0) this.#sentence++;
      this.#tokens = 0;
      return [];
    }
    if (isConllComment(text)) return [];
    if (this.#columns.length === 0) this.#columns = [SENTENCE, ...conllColumns(fields.length)];
    // Of CoNLL-U: the words that a token is made of come in lines of their own.
    if (this.#columns.length === CONLL_U.length + 1 && !/^\d+$/.test(fields[0]!)) return [];
    this.#tokens++;
    return [{ line, fields: [String(this.#sentence), ...fields] }];
  }
}

/** Fields of a line: between tabs where there are any, otherwise between spaces. */
export function conllFields(line: string): readonly string[] {
  const text = line.trim();
  if (text === '') return [];
  return text.includes('\t') ? text.split('\t') : text.split(/ +/);
}

/** "# sent_id = 1"; a token "#" has a tag behind it. */
export function isConllComment(line: string): boolean {
  return /^#\s*\S+\s*=/.test(line) || /^#\s*(?:text|sent_id|newdoc|newpar|id)\b/.test(line);
}

function conllColumns(count: number): readonly string[] {
  if (count === CONLL_U.length) return CONLL_U;
  if (count === 4) return ['token', 'pos', 'chunk', 'tag'];
  return Array.from({ length: count }, (_, n) => (n === 0 ? 'token' : n === count - 1 ? 'tag' : `column ${n + 1}`));
}

/** Lines of the beginning that are judged. */
const JUDGED = 4000;
/** Share of them that must have as many fields as the first. */
const AGREEING = 0.97;
const MOST_TAGS = 200;

/** Whether a text is tagged text: sentences of lines with as many fields each, the last of them one of a few tags. */
export function looksLikeConll(text: string, named: boolean): boolean {
  const lines = text.split('\n').slice(0, JUDGED);
  if (lines.length > 1) lines.pop();
  const tokens = lines.filter((line) => line.trim() !== '' && !isConllComment(line)).map(conllFields);
  const blank = lines.filter((line) => line.trim() === '').length;
  const width = tokens[0]?.length ?? 0;
  if (tokens.length < 3 || width < 2) return false;
  const agreeing = tokens.filter(({ length }) => length === width).length;
  if (agreeing < tokens.length * AGREEING) return false;
  if (named) return true;
  if (blank < 2 || tokens.length / blank > 200) return false;
  const tags = tokens.map((fields) => fields.at(-1) ?? '');
  const different = new Set(tags);
  if (tags.every((tag) => ENTITY_TAG.test(tag)) && different.has('O')) return true;
  // Parts of speech and the like: short capital words.
  return (
    different.size <= MOST_TAGS &&
    different.size * 2 < tags.length &&
    tags.every((tag) => /^[A-Z$#.,:'`()-]{1,12}$/.test(tag))
  );
}
