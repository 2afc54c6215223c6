/** The glossary of docs/glossary.md as data: one entry per term, in the order of the file. */

export interface GlossaryEntry {
  /** Unique, made of the term: "forget-gate". */
  readonly id: string;
  readonly term: string;
  /** Heading of the group that the entry belongs to. */
  readonly group: string;
  readonly definition: string;
  /** Other words for the same thing. */
  readonly synonyms: readonly string[];
  readonly symbol: string | null;
  readonly formula: string | null;
  readonly places: readonly GlossaryPlace[];
  /** The source file that implements it. */
  readonly source: string;
}

/** A place in the app: the text of the link and its address, "#/gates". */
export interface GlossaryPlace {
  readonly label: string;
  readonly address: string;
}

const FIELDS = ['Also', 'Symbol', 'Formula', 'In the app', 'In the code'] as const;
type Field = (typeof FIELDS)[number];

/**
 * Reads the fixed form of docs/glossary.md: `## group`, `### term`, a paragraph, then a list of fields.
 * Throws an Error that names the line where the text has another form.
 */
export function parseGlossary(markdown: string): readonly GlossaryEntry[] {
  const entries: GlossaryEntry[] = [];
  const lines = markdown.split('\n');
  let group = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('## ')) group = line.slice(3);
    if (!line.startsWith('### ')) continue;
    const first = at;
    const term = line.slice(4);
    const paragraph: string[] = [];
    const fields = new Map<Field, string>();
    while (at + 1 < lines.length && !lines[at + 1]!.startsWith('#')) {
      const text = lines[++at]!;
      const field = FIELDS.find((name) => text.startsWith(`- ${name}: `));
      if (field !== undefined) fields.set(field, text.slice(field.length + 4));
      else if (text.startsWith('- ')) throw new Error(`docs/glossary.md, line ${at + 1}: unknown field "${text}"`);
      else if (text !== '') paragraph.push(text);
    }
    const source = /^`(.+)`$/u.exec(fields.get('In the code') ?? '')?.[1];
    if (paragraph.length === 0) throw new Error(`docs/glossary.md, line ${first + 1}: "${term}" has no definition`);
    if (source === undefined) throw new Error(`docs/glossary.md, line ${first + 1}: "${term}" names no source file`);
    entries.push({
      id: idOf(term),
      term,
      group,
      definition: paragraph.join(' '),
      synonyms: fields.get('Also')?.split(', ') ?? [],
      symbol: withoutMarks(fields.get('Symbol')),
      formula: withoutMarks(fields.get('Formula')),
      places: [...(fields.get('In the app') ?? '').matchAll(/\[(.+?)\]\((#.+?)\)/gu)].map(
        ([, label = '', address = '']) => ({ label, address }),
      ),
      source,
    });
  }
  return entries;
}

/** "Backpropagation through time (BPTT)" -> "backpropagation-through-time" */
function idOf(term: string): string {
  return term
    .replace(/ \(.*\)$/u, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-');
}

function withoutMarks(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll('`', '');
}

/** Entries that contain every word of `query`; those whose term or synonym begins with it come first. */
export function searchGlossary(entries: readonly GlossaryEntry[], query: string): readonly GlossaryEntry[] {
  const words = query.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return entries;
  const named = (entry: GlossaryEntry): boolean =>
    [entry.term, ...entry.synonyms].some((name) => name.toLowerCase().startsWith(words.join(' ')));
  const found = entries.filter((entry) => {
    const text = [entry.term, ...entry.synonyms, entry.definition, entry.symbol ?? ''].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return [...found.filter(named), ...found.filter((entry) => !named(entry))];
}

/** One piece of a formula: plain text, or a subscript. */
export interface NotationPart {
  readonly text: string;
  readonly subscript: boolean;
}

/** "W_f x(t) + Σ_{k≤t}" -> "W", subscript "f", " x(t) + Σ", subscript "k≤t". */
export function notationParts(text: string): readonly NotationPart[] {
  return text
    .split(/(_\{[^}]+\}|_[\p{L}\p{N}]+)/u)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('_') && part.length > 1
        ? { text: part.slice(1).replaceAll(/[{}]/gu, ''), subscript: true }
        : { text: part, subscript: false },
    );
}
