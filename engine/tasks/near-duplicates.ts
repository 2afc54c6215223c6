/** Texts that are the same but for spelling, or nearly the same: a model that has seen one knows the other. */
import { Groups } from './groups.ts';

export interface NearDuplicates {
  /** Of each text, a name of its group. */
  readonly groups: readonly string[];
  /** Texts that share their group with a different text. */
  readonly count: number;
}

/** Characters of the pieces that are compared. */
const SHINGLE = 3;
/** Minima that stand for a text, and how many of them must agree for two texts to be compared. */
const BINS = 64;
const BAND = 4;
/** Share of the pieces that two texts must have in common (Jaccard index), from the laxest to the strictest. */
const THRESHOLDS = [0.7, 0.85];
/** Share of all texts that one group may take; above it, texts are alike because all are of one pattern. */
const LARGEST_GROUP = 0.05;
/** Texts of one band that are compared with the first of them. */
const MOST_COMPARED = 200;
/** Characters of a text that count. */
const MOST_CHARACTERS = 2000;

/** Groups of texts that are to stay on one side of a division. `given`: groups that they have already. */
export function nearDuplicates(texts: readonly string[], given?: readonly (string | undefined)[]): NearDuplicates {
  const keys = texts.map(normalizedText);
  const groupsAt = (threshold: number | undefined): { readonly groups: string[]; readonly largest: number } => {
    const joined = new Groups();
    texts.forEach((_, i) => {
      if (given?.[i] !== undefined) joined.join(`text ${keys[i]!}`, `group ${given[i]}`);
    });
    if (threshold !== undefined) joinSimilar([...new Set(keys)], threshold, joined);
    const groups = keys.map((key) => joined.find(`text ${key}`));
    return { groups, largest: largestGroup(groups, keys) };
  };
  const most = Math.max(20, texts.length * LARGEST_GROUP);
  for (const threshold of THRESHOLDS) {
    const { groups, largest } = groupsAt(threshold);
    if (largest <= most || (given?.some((group) => group !== undefined) ?? false)) return withCount(groups, texts);
  }
  return withCount(groupsAt(undefined).groups, texts);
}

/** Without case, diacritics, punctuation and repeated white space; the text itself where nothing else is left. */
export function normalizedText(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}\p{So}]+/gu, ' ')
    .trim();
  return plain === '' ? text : plain;
}

/** Different texts in the largest group. */
function largestGroup(groups: readonly string[], keys: readonly string[]): number {
  const members = new Map<string, Set<string>>();
  groups.forEach((group, i) => {
    const set = members.get(group) ?? new Set();
    members.set(group, set.add(keys[i]!));
  });
  return Math.max(0, ...Array.from(members.values(), ({ size }) => size));
}

function withCount(groups: readonly string[], texts: readonly string[]): NearDuplicates {
  const first = new Map<string, string>();
  const several = new Set<string>();
  groups.forEach((group, i) => {
    const known = first.get(group);
    if (known === undefined) first.set(group, texts[i]!);
    else if (known !== texts[i]) several.add(group);
  });
  return { groups, count: groups.filter((group) => several.has(group)).length };
}

/** MinHash with one permutation (Li, Owen & Zhang 2012) finds the pairs; each is compared before it is joined. */
function joinSimilar(keys: readonly string[], threshold: number, joined: Groups): void {
  const bands = new Map<string, number[]>();
  const compare = (key: string, other: string) => {
    if (similarity(key, other) >= threshold) joined.join(`text ${key}`, `text ${other}`);
  };
  keys.forEach((key, i) => {
    const minima = signature(key);
    for (let band = 0; band < BINS / BAND; band++) {
      const part = minima.subarray(band * BAND, (band + 1) * BAND);
      // A bin without a piece tells nothing.
      if (part.every((value) => value === EMPTY)) continue;
      const name = `${band} ${part.join(' ')}`;
      const members = bands.get(name);
      if (!members) {
        bands.set(name, [i]);
        continue;
      }
      for (const member of members.slice(0, MOST_COMPARED)) {
        if (joined.find(`text ${keys[member]!}`) !== joined.find(`text ${key}`)) compare(key, keys[member]!);
      }
      if (members.length < MOST_COMPARED) members.push(i);
    }
  });
}

const EMPTY = 0xffffffff;

function signature(text: string): Uint32Array {
  const minima = new Uint32Array(BINS).fill(EMPTY);
  forEachShingle(text, (hash) => {
    const bin = hash % BINS;
    minima[bin] = Math.min(minima[bin]!, Math.floor(hash / BINS));
  });
  return minima;
}

function similarity(a: string, b: string): number {
  const first = shingles(a);
  const second = shingles(b);
  let common = 0;
  for (const hash of first) if (second.has(hash)) common++;
  return common / (first.size + second.size - common || 1);
}

function shingles(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  forEachShingle(text, (hash) => found.add(hash));
  return found;
}

/** FNV-1a of every three characters in a row; of a shorter text, of all of it. */
function forEachShingle(text: string, take: (hash: number) => void): void {
  const end = Math.min(text.length, MOST_CHARACTERS);
  for (let at = 0; at < Math.max(1, end - SHINGLE + 1); at++) {
    let hash = 0x811c9dc5;
    for (let n = at; n < Math.min(at + SHINGLE, end); n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
    // The low bits alone are not mixed enough.
    hash ^= hash >>> 15;
    take(Math.imul(hash, 0x2c1b3c6d) >>> 0);
  }
}
