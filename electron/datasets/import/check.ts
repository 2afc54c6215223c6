/** What a mapping would make of a file, before it is saved: what has to be said of it, and whether it can be trained on. */
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import type { LabelledText, TaskData } from '../../../engine/tasks/data.ts';
import { makeTask } from '../../../engine/tasks/registry.ts';
import type { Mapping } from '../../api/data.ts';
import { Complaints } from './complaints.ts';
import { FileReader } from './reader.ts';
import { checkMappedColumns, mappedColumns } from './save.ts';
import { readSeriesPlan } from './save-series.ts';
import { SentenceGatherer } from './save-tagged.ts';
import type { Pass, Scan } from './scan.ts';
import type { SeriesPlan } from './series-plan.ts';
import type { ImportSource } from './source.ts';

export interface MappingCheck {
  readonly notices: readonly string[];
  /** Why it cannot be saved or trained on. */
  readonly problem?: { readonly message: string; readonly hint?: string };
}

type CheckedScan = Pick<Scan, 'reading' | 'columns' | 'sample' | 'rows'>;

export async function checkMapping(
  source: ImportSource,
  scan: CheckedScan,
  mapping: Mapping,
  pass: Pass,
): Promise<MappingCheck> {
  try {
    mappedColumns(scan, mapping, source.name);
    checkMappedColumns(mapping, source.name);
    if (mapping.form === 'series') {
      const reader = await FileReader.open(source, scan.reading, new Complaints(), pass.signal);
      const { plan, leftOut } = await readSeriesPlan(reader, scan.columns, mapping, pass);
      return judgePlan(plan, leftOut);
    }
    return checkSample(scan, mapping);
  } catch (error) {
    return { notices: [], problem: problemOf(error) };
  }
}

/** What is said of a series, and whether it can be trained on. */
export function judgePlan(plan: SeriesPlan, leftOut: number): MappingCheck {
  const { notices, window, size } = plan;
  const all =
    leftOut > 0
      ? [
          ...notices,
          `${leftOut.toLocaleString('en')} ${leftOut === 1 ? 'row has' : 'rows have'} no date and ${leftOut === 1 ? 'is' : 'are'} left out.`,
        ]
      : notices;
  if (window > 0) return { notices: all };
  return {
    notices: all,
    problem: {
      message: `the series has ${size} values, of which no window with a value behind it is unbroken in both parts of the data`,
      hint: 'Fill its gaps, choose another interval, or take a longer series.',
    },
  };
}

/** By the rows of the sample, with the task that would be trained. */
export function checkSample(scan: CheckedScan, mapping: Exclude<Mapping, { form: 'series' }>): MappingCheck {
  const { sample, rows } = scan;
  const data = sampleData(scan, mapping);
  if (data === undefined) return { notices: [] };
  const isWhole = sample.length === rows;
  const task = `own-${TASKS[mapping.form]}`;
  try {
    const { notices = [] } = makeTask({ id: task, dataset: 'import' }, 1, data);
    const constant = constantLabel(scan, mapping);
    if (isWhole) return { notices };
    return {
      notices: constant === undefined ? notices.map((notice) => `In a sample of the rows: ${notice}`) : [constant],
    };
  } catch (error) {
    // Of a part of the rows, too little may be left for a task.
    if (isWhole || !(error instanceof InputError)) return { notices: [], problem: problemOf(error) };
    return { notices: [] };
  }
}

const TASKS = { text: 'text', labelled: 'classification', pairs: 'translation', tagged: 'tagging' } as const;

function constantLabel({ columns }: CheckedScan, mapping: Mapping): string | undefined {
  if (mapping.form !== 'labelled') return undefined;
  const label = columns.find(({ name }) => name === mapping.label);
  return label?.distinct === 1
    ? `All texts are in the class ${show(label.examples[0] ?? '')}: there is nothing to tell apart.`
    : undefined;
}

function sampleData(
  { columns, sample }: CheckedScan,
  mapping: Exclude<Mapping, { form: 'series' }>,
): TaskData | undefined {
  const fieldOf = (row: readonly string[], name: string | undefined) =>
    name === undefined ? '' : (row[columns.findIndex((column) => column.name === name)] ?? '').trim();
  switch (mapping.form) {
    case 'text':
      return mapping.column === undefined
        ? undefined
        : { form: 'text', text: sample.map((row) => `${fieldOf(row, mapping.column)}\n`).join('') };
    case 'labelled': {
      const items = sample.map((row): LabelledText => {
        const group = fieldOf(row, mapping.group);
        const item = { text: fieldOf(row, mapping.text), label: fieldOf(row, mapping.label) };
        return group === '' ? item : { ...item, group };
      });
      return { form: 'labelled', items: items.filter(({ text, label }) => text !== '' && label !== '') };
    }
    case 'pairs': {
      const pairs = sample.map((row) => ({
        source: fieldOf(row, mapping.source),
        target: fieldOf(row, mapping.target),
      }));
      return { form: 'pairs', pairs: pairs.filter(({ source, target }) => source !== '' && target !== '') };
    }
    case 'tagged': {
      const gatherer = new SentenceGatherer(mapping.sentence !== undefined);
      const ended = sample.flatMap((row) => {
        const [token, tag] = [fieldOf(row, mapping.token), fieldOf(row, mapping.tag)];
        return token === '' || tag === '' ? [] : [gatherer.take(token, tag, fieldOf(row, mapping.sentence))];
      });
      const sentences = [...ended, gatherer.end()].filter((sentence) => sentence !== undefined);
      return { form: 'tagged', sentences: sentences.map(([tokens, tags]) => ({ tokens, tags })) };
    }
  }
}

function problemOf(error: unknown): { message: string; hint?: string } {
  if (!(error instanceof UnrolledError)) throw error;
  const { message, hint } = error;
  return hint === undefined ? { message } : { message, hint };
}
