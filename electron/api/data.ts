/** Datasets, what they are imported from, and the tasks that are made of them. */
import * as v from 'valibot';
import { INTERVALS } from '../../engine/tasks/data.ts';
import { GAP_METHODS } from '../../engine/tasks/gaps.ts';
import { DATE_ORDERS, DELIMITERS, DUPLICATE_METHODS, FORMATS, QUOTE_MODES, TEXT_ENCODINGS } from './import-options.ts';
import { call } from './call.ts';
import { bytes, count, criterion, done, id, json, metric, name, nothing, origin, undo } from './values.ts';

/** What kind of data, which decides the tasks it can serve. */
export const dataForm = v.picklist([
  'text',
  'labelled',
  'series',
  'pairs',
  'tagged',
  'pronunciations',
  'calendars',
  'spellout',
  'none',
]);

export const datasetInfo = v.object({
  id,
  name,
  form: dataForm,
  bundled: v.boolean(),
  origin,
  /** Characters of a text, rows of a table. */
  size: count,
  sizeLabel: v.string(),
  /** A few real items, as people read them. */
  samples: v.array(v.object({ input: v.string(), target: v.optional(v.string()) })),
  /** Of imported data: what had to be said of the file. */
  notices: v.array(v.string()),
});
export type DatasetInfo = v.InferOutput<typeof datasetInfo>;

export const columnInfo = v.object({
  name: v.string(),
  type: v.picklist(['number', 'date', 'category', 'text', 'empty']),
  filled: count,
  distinct: v.nullable(count),
  minimum: v.optional(v.number()),
  maximum: v.optional(v.number()),
  mean: v.optional(v.number()),
  examples: v.array(v.string()),
  /** The values of a category, the most frequent first; missing where there are too many. */
  values: v.optional(v.array(v.string())),
});

/** A complaint about a place in a file. Lines and columns count from 1. */
export const complaint = v.object({ line: count, column: v.optional(v.string()), message: v.string() });

export const importFormat = v.picklist(FORMATS);
export const textEncoding = v.picklist(TEXT_ENCODINGS);
export const quoteMode = v.picklist(QUOTE_MODES);
export const dateOrder = v.picklist(DATE_ORDERS);

/** How a file is to be read, in place of what is found in it. */
export const readingAs = v.partial(
  v.strictObject({
    format: importFormat,
    encoding: textEncoding,
    /** Of csv and tsv. */
    delimiter: v.picklist(DELIMITERS),
    /** Whether the first row names the columns. */
    header: v.boolean(),
    /** What quotation marks are: around fields, or plain characters. */
    quotes: quoteMode,
    /** Lines before the table. */
    skip: v.pipe(count, v.maxValue(1_000_000)),
    /** What lines that are comments begin with; null: there are none. */
    comment: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(10))),
    /** Of dates that are made of numbers. */
    dateOrder,
    /** Whether letters with diacritics are composed (Unicode's NFC). */
    nfc: v.boolean(),
  }),
);
export type ReadingAs = v.InferOutput<typeof readingAs>;

export const importPreview = v.object({
  import: id,
  /** What the dataset might be called. */
  name: v.string(),
  format: importFormat,
  encoding: textEncoding,
  /** Of csv and tsv; null for the others. */
  delimiter: v.nullable(v.string()),
  header: v.boolean(),
  quotes: quoteMode,
  skip: count,
  comment: v.nullable(v.string()),
  /** null: the one that each column's dates have. */
  dateOrder: v.nullable(dateOrder),
  nfc: v.boolean(),
  /** Fields that composing changes, or lines of a text. */
  composed: count,
  rows: count,
  columns: v.array(columnInfo),
  head: v.array(v.array(v.string())),
  complaints: v.array(complaint),
  complaintsInAll: count,
  /** Sentences about the file as a whole. */
  notices: v.array(v.string()),
  /** Mappings that fit, best first. */
  suggestions: v.array(v.lazy(() => mapping)),
});
export type ImportPreview = v.InferOutput<typeof importPreview>;

/** Which column is what. */
export const mapping = v.variant('form', [
  v.strictObject({ form: v.literal('text'), column: v.optional(v.string()) }),
  /** `group`: of a person, a document, ...; rows of one group stay on one side of the division. */
  v.strictObject({
    form: v.literal('labelled'),
    text: v.string(),
    label: v.string(),
    group: v.optional(v.string()),
  }),
  v.strictObject({
    form: v.literal('series'),
    value: v.string(),
    date: v.optional(v.string()),
    /** The column that tells several series apart, and the value of the one that is taken. */
    id: v.optional(v.string()),
    series: v.optional(v.string()),
    /** Found by the data where they are missing. */
    interval: v.optional(v.picklist(INTERVALS)),
    duplicates: v.optional(v.picklist(DUPLICATE_METHODS)),
    gaps: v.optional(v.picklist(GAP_METHODS)),
  }),
  v.strictObject({
    form: v.literal('pairs'),
    source: v.string(),
    target: v.string(),
    group: v.optional(v.string()),
  }),
  /** `sentence`: the column whose value changes where a sentence ends. */
  v.strictObject({
    form: v.literal('tagged'),
    token: v.string(),
    tag: v.string(),
    sentence: v.optional(v.string()),
  }),
]);
export type Mapping = v.InferOutput<typeof mapping>;

/** What a mapping would make of the file. */
export const importCheck = v.object({
  /** What has to be said of the data that it makes. */
  notices: v.array(v.string()),
  /** Why it cannot be saved or trained on. */
  problem: v.optional(v.object({ message: v.string(), hint: v.optional(v.string()) })),
  /** What imports the same at the command line. */
  command: v.string(),
});
export type ImportCheck = v.InferOutput<typeof importCheck>;

export const importProgress = v.object({
  import: id,
  bytes: count,
  /** 0 where it is not known. */
  totalBytes: count,
  rows: count,
  state: v.picklist(['reading', 'ready', 'saving', 'done', 'cancelled', 'failed']),
  message: v.optional(v.string()),
});

export const datasets = {
  list: call(nothing, v.array(datasetInfo)),
  /** Begins an import from a file that the back can read itself. */
  importFile: call(v.strictObject({ path: v.string() }), v.object({ import: id })),
  /** Begins an import whose bytes the face sends piece by piece. */
  importBegin: call(v.strictObject({ name, totalBytes: count }), v.object({ import: id })),
  importChunk: call(v.strictObject({ import: id, bytes }), done),
  importEnd: call(v.strictObject({ import: id }), done),
  /** Waits until the whole file has been read; reads it once more where `as` is given. */
  importPreview: call(v.strictObject({ import: id, as: v.optional(readingAs) }), importPreview),
  /** Reads the file once more where that is needed. `name`: of the dataset, for the command. */
  importCheck: call(v.strictObject({ import: id, name: v.optional(v.string()), mapping }), importCheck),
  importSave: call(v.strictObject({ import: id, name, mapping }), datasetInfo),
  importCancel: call(v.strictObject({ import: id }), done),
  rename: call(v.strictObject({ id, name }), datasetInfo),
  remove: call(v.strictObject({ id }), undo),
};

export const taskOption = v.object({
  name: v.string(),
  type: v.picklist(['integer', 'number', 'boolean', 'choice']),
  default: json,
  minimum: v.optional(v.number()),
  maximum: v.optional(v.number()),
  choices: v.optional(v.array(v.string())),
  description: v.string(),
});

export const taskInfo = v.object({
  /** As experiments name it. Tasks on a person's own data share an id and differ in `dataset`. */
  id: v.string(),
  title: v.string(),
  kind: v.picklist(['language', 'classification', 'tagging', 'regression', 'generation', 'translation']),
  description: v.string(),
  origin,
  /** null: it makes its own sequences. */
  dataset: v.nullable(id),
  /** On a person's own data: an experiment's task names the dataset, as {"id": ..., "dataset": ...}. */
  own: v.boolean(),
  options: v.array(taskOption),
});
export type TaskInfo = v.InferOutput<typeof taskInfo>;

const floats = v.custom<Float32Array>((value) => value instanceof Float32Array);
const integers = v.custom<Int32Array>((value) => value instanceof Int32Array);

/** An item of a task's data in numbers, for the page's own engine (engine/tasks/examples.ts). */
export const exampleItem = v.object({
  steps: count,
  text: v.string(),
  target: v.string(),
  dates: v.optional(v.pipe(v.array(v.string()), v.readonly())),
  tokens: v.optional(integers),
  values: v.optional(floats),
  condition: v.optional(v.number()),
  targetLabels: v.optional(integers),
  targetValues: v.optional(floats),
});

export const tasks = {
  list: call(nothing, v.array(taskInfo)),
  /** Real items of the training part, and what trivial predictors reach. Takes a moment for large data. */
  describe: call(
    v.strictObject({ task: json }),
    v.object({
      samples: v.array(v.object({ input: v.string(), target: v.string() })),
      trainingItems: v.nullable(count),
      validationItems: v.nullable(count),
      baselines: v.array(v.object({ name: v.string(), metric })),
      /** Of benchmarks. */
      criterion: v.nullable(criterion),
      /** What has to be said of the data before training: what is left out, what cannot be learned. */
      notices: v.array(v.string()),
    }),
  ),
  /** Items of a part from number `from` on; of a long text, windows of `steps` symbols. Fewer where the part ends. */
  examples: call(
    v.strictObject({
      task: json,
      /** Of the experiment: tasks that make their own sequences make them from it. */
      seed: count,
      part: v.picklist(['train', 'validation']),
      from: count,
      count: v.pipe(count, v.maxValue(256)),
      steps: v.pipe(count, v.minValue(1), v.maxValue(1000)),
    }),
    v.object({
      /** How many the part has; null where they are made on demand. */
      available: v.nullable(count),
      items: v.array(exampleItem),
    }),
  ),
};
