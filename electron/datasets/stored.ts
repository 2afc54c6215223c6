/**
 * A person's dataset as it lies in its folder, `FOLDER/ID`:
 *
 *     dataset.json   what it is (below)
 *     data.txt       of a text: the text, UTF-8, lines end in '\n'
 *     data.jsonl     otherwise: a JSON list a row
 *
 *         labelled   [text, label], and the group where there are groups
 *         series     [milliseconds since 1970 or null, value or null where it is missing], in order of time
 *         pairs      [source, target], and the group where there are groups
 *         tagged     [list of tokens, list of their tags], a sentence each
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FormatError, InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import { parseJson } from '../../engine/formats/json.ts';
import { INTERVALS, NORMALIZATIONS } from '../../engine/tasks/data.ts';
import { GAP_METHODS } from '../../engine/tasks/gaps.ts';
import { fileError, replaceFile } from '../runs/files.ts';

const FORMAT = 'unrolled-dataset';
const MANIFEST = 'dataset.json';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const manifestSchema = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(1),
  name: v.string(),
  form: v.picklist(['text', 'labelled', 'series', 'pairs', 'tagged']),
  origin: v.strictObject({ title: v.string(), source: v.string(), licence: v.string() }),
  /** Characters of a text, values of a series, otherwise rows. */
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  samples: v.array(v.strictObject({ input: v.string(), target: v.optional(v.string()) })),
  /** SHA-256 of the data's file, hexadecimal. */
  checksum: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Lines of the data's file where these are not `size`: a series has one for each missing value too. */
  rows: v.optional(count),
  /** Of a series. */
  series: v.optional(
    v.strictObject({
      quantity: v.string(),
      /** "€" */
      unit: v.optional(v.string()),
      interval: v.picklist(INTERVALS),
      /** Of the interval 'step': milliseconds from one to the next, where they are regular. */
      period: v.optional(v.pipe(v.number(), v.minValue(0))),
      /** How missing values are filled in; they are not where it is missing. */
      gaps: v.optional(v.picklist(GAP_METHODS)),
      /** Values that a model may see at once. */
      window: v.optional(count),
    }),
  ),
  /** The form of Unicode that the texts are in. */
  normalization: v.optional(v.picklist(NORMALIZATIONS)),
  /** What had to be said of the file when it was imported. */
  notices: v.optional(v.array(v.string())),
});

/** What dataset.json says. */
export type Manifest = v.InferOutput<typeof manifestSchema>;
export type StoredForm = Manifest['form'];

/** The file that a dataset's data are in. `folder`: the dataset's own. */
export function dataPath(folder: string, form: StoredForm): string {
  return join(folder, form === 'text' ? 'data.txt' : 'data.jsonl');
}

/** Throws InputError where there is no such dataset, FormatError where its description is not right. */
export function readManifest(folder: string, id: string): Manifest {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new InputError(
        `the dataset ${show(id)} is not in the workspace`,
        'It may have been deleted; import its file again and choose it anew.',
      );
    }
    throw fileError(error, 'read', path);
  }
  const result = v.safeParse(manifestSchema, parseDescription(text, path), { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw new FormatError(
      `${path}: ${v.getDotPath(issue) ?? 'the value'} is ${show(issue.input)}; expected is ${issue.expected ?? 'another'}`,
    );
  }
  return result.output;
}

function parseDescription(text: string, path: string): unknown {
  try {
    return parseJson(text, path);
  } catch (error) {
    throw error instanceof InputError ? new FormatError(`${error.message}; the file is damaged`) : error;
  }
}

export function writeManifest(folder: string, manifest: Omit<Manifest, 'format' | 'version'>): void {
  const content = { format: FORMAT, version: 1, ...manifest };
  replaceFile(join(folder, MANIFEST), `${JSON.stringify(content, null, 2)}\n`);
}
