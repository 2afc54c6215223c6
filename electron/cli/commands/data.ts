import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { InputError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import { nearest } from '../../../engine/nearest.ts';
import type { DatasetInfo } from '../../api/data.ts';
import { ownDatasets } from '../../datasets/service.ts';
import { dataPath, readManifest, type Manifest } from '../../datasets/stored.ts';
import { fileError } from '../../runs/files.ts';
import { tasksOn } from '../../tasks/service.ts';
import { Workspace } from '../../workspace/workspace.ts';
import { defineCommand, jsonFlag } from '../command.ts';
import { importFile, importFlags, type ImportedFile, type ImportValues } from '../data-import.ts';
import { UsageError } from '../flags.ts';
import { count, table } from '../format.ts';
import { wrapped } from '../help.ts';
import { PROGRAM } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { workspaceFolder } from '../workspace.ts';

const ACTIONS = ['import', 'list', 'show', 'export', 'remove'] as const;

interface Values extends ImportValues {
  readonly name?: string;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly workspace?: string;
}

export const data = defineCommand({
  name: 'data',
  summary: 'Import files as datasets, list, show, export and remove them',
  usage: [
    'import FILE [--as FORM] [FLAGS] [--name NAME] [--json]',
    'list [--json]',
    'show ID [--json]',
    'export ID --out FILE [--overwrite]',
    'remove ID',
  ],
  description: [
    'A dataset is one text, labelled texts, a series, pairs of texts or tagged text. What the file is, how it is written ' +
      'and which column is what are found in it; flags say otherwise. What had to be guessed, changed or left out is told.',
    'Datasets lie in a workspace: the one of --workspace or UNROLLED_WORKSPACE, or the app’s own. The app must not have it open.',
  ],
  flags: {
    ...importFlags,
    name: { type: 'text', value: 'NAME', description: 'Name of the dataset; that of the file where it is not given' },
    out: { type: 'text', value: 'FILE', description: 'Where to export to' },
    overwrite: { type: 'switch', description: 'Export over a file that is there' },
    json: jsonFlag,
  },
  examples: [
    { line: 'data import sales.csv', what: 'Find out what it is, and keep it.' },
    { line: 'data import sales.csv --value sold --date day --id shop --series Berlin', what: 'One series of several.' },
    { line: 'data list --workspace ~/lab', what: 'What is in another workspace.' },
  ],
  arguments: [1, 2],
  async run(values, [action = '', subject], terminal) {
    const known = ACTIONS.find((one) => one === action);
    if (known === undefined) {
      const meant = nearest(action, ACTIONS);
      throw new UsageError(
        `"data ${action}" is not known; ${meant === undefined ? `there are ${ACTIONS.join(', ')}` : `did you mean ${meant}?`}`,
        'unrolled help data',
      );
    }
    if ((subject === undefined) !== (known === 'list')) {
      throw new UsageError(
        known === 'list'
          ? '"data list" takes no argument'
          : `"data ${known}" needs ${known === 'import' ? 'a FILE' : 'the ID of a dataset'}`,
        'unrolled help data',
      );
    }
    const folder = workspaceFolder(values.workspace);
    if (known !== 'import' && !existsSync(join(folder, 'workspace.db'))) {
      throw new InputError(
        `${folder} is no workspace`,
        'Name one with --workspace, or import a file, which makes one.',
      );
    }
    const workspace = Workspace.open(folder);
    try {
      await act(known, subject ?? '', values, workspace, terminal);
      return 0;
    } finally {
      workspace.close();
    }
  },
});

async function act(
  action: (typeof ACTIONS)[number],
  subject: string,
  values: Values,
  workspace: Workspace,
  terminal: Terminal,
): Promise<void> {
  switch (action) {
    case 'import':
      tellImport(await importFile(workspace, subject, values, values.name), workspace, values.json ?? false, terminal);
      return;
    case 'list':
      tellList(ownDatasets(workspace), workspace, values.json ?? false, terminal);
      return;
    case 'show':
      tellDataset(datasetNamed(workspace, subject), workspace, values.json ?? false, terminal);
      return;
    case 'export':
      await exportDataset(workspace, datasetNamed(workspace, subject), values, terminal);
      return;
    case 'remove': {
      const { id, name } = datasetNamed(workspace, subject);
      workspace.datasets.remove(id);
      terminal.line(values.json ? JSON.stringify({ removed: id }) : `${name} (${id}) is removed.`);
    }
  }
}

/** By its id, or by its name where one dataset alone has it. */
export function datasetNamed(workspace: Workspace, given: string): DatasetInfo {
  const all = ownDatasets(workspace);
  const found = all.find(({ id }) => id === given);
  if (found) return found;
  const named = all.filter(({ name }) => name === given);
  if (named.length === 1) return named[0]!;
  const meant = nearest(
    given,
    all.map(({ id }) => id),
  );
  throw new InputError(
    named.length > 1
      ? `${named.length} datasets are called ${show(given)}: ${named.map(({ id }) => id).join(', ')}`
      : `the workspace ${workspace.path} has no dataset ${show(given)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    'unrolled data list shows them.',
  );
}

function tellImport(
  { dataset, preview, mapping, check }: ImportedFile,
  workspace: Workspace,
  json: boolean,
  terminal: Terminal,
): void {
  const tasks = tasksOn(dataset).map(({ id }) => id);
  const notices = [...new Set([...preview.notices, ...check.notices])];
  const { format, encoding, delimiter, header, quotes, skip, comment, nfc, rows, complaints, complaintsInAll } =
    preview;
  if (json) {
    const reading = { format, encoding, delimiter, header, quotes, skip, comment, nfc };
    terminal.line(
      JSON.stringify({
        dataset: dataset.id,
        workspace: workspace.path,
        name: dataset.name,
        form: dataset.form,
        size: dataset.size,
        sizeLabel: dataset.sizeLabel,
        ...seriesOf(workspace, dataset),
        mapping,
        reading,
        rows,
        columns: preview.columns.map(({ name, type, filled, distinct }) => ({ name, type, filled, distinct })),
        notices,
        complaints,
        complaintsInAll,
        suggestions: preview.suggestions,
        samples: dataset.samples,
        tasks,
        command: check.command,
      }),
    );
    return;
  }
  terminal.line(`${dataset.name} is in the workspace: ${dataset.id}, ${count(dataset.size)} ${dataset.sizeLabel}.`);
  terminal.line(`Read as: ${check.command}`);
  for (const notice of notices)
    for (const [n, line] of wrapped(notice).entries()) terminal.line(n === 0 ? `- ${line}` : `  ${line}`);
  for (const { line, column, message } of complaints.slice(0, MOST_COMPLAINTS)) {
    terminal.line(`- line ${line}${column === undefined ? '' : `, ${column}`}: ${message}`);
  }
  if (complaintsInAll > MOST_COMPLAINTS) {
    terminal.line(`- and ${count(complaintsInAll - Math.min(complaints.length, MOST_COMPLAINTS))} more places`);
  }
  terminal.line();
  for (const { input, target } of dataset.samples)
    terminal.line(`    ${input}${target === undefined ? '' : `  →  ${target}`}`);
  terminal.line();
  terminal.line(
    `Train on it:  ${PROGRAM} train --data ${dataset.id}${tasks.length > 1 ? `   (tasks: ${tasks.join(', ')})` : ''}`,
  );
}

const MOST_COMPLAINTS = 10;

function seriesOf(workspace: Workspace, { id, form }: DatasetInfo): Pick<Manifest, 'series'> {
  if (form !== 'series') return {};
  const { series } = readManifest(join(workspace.datasets.folder, id), id);
  return series ? { series } : {};
}

function tellList(all: readonly DatasetInfo[], workspace: Workspace, json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.line(
      JSON.stringify(all.map(({ id, name, form, size, sizeLabel }) => ({ id, name, form, size, sizeLabel }))),
    );
    return;
  }
  if (all.length === 0) {
    terminal.line(`The workspace ${workspace.path} has no datasets yet; "data import FILE" makes one.`);
    return;
  }
  for (const line of table(
    all.map(({ id, name, form, size, sizeLabel }) => [id, form, `${count(size)} ${sizeLabel}`, name]),
  )) {
    terminal.line(line);
  }
}

function tellDataset(dataset: DatasetInfo, workspace: Workspace, json: boolean, terminal: Terminal): void {
  const tasks = tasksOn(dataset).map(({ id, options }) => ({ id, options }));
  const series = seriesOf(workspace, dataset);
  if (json) {
    terminal.line(JSON.stringify({ ...dataset, ...series, tasks: tasks.map(({ id }) => id) }));
    return;
  }
  terminal.line(`${dataset.name} (${dataset.id}): ${dataset.form}, ${count(dataset.size)} ${dataset.sizeLabel}`);
  for (const line of wrapped(dataset.origin.source)) terminal.line(line);
  if (series.series) {
    const { interval, gaps = 'skip', unit } = series.series;
    terminal.line(`Interval: ${interval}; gaps: ${gaps}${unit === undefined ? '' : `; unit: ${unit}`}`);
  }
  for (const notice of dataset.notices)
    for (const [n, line] of wrapped(notice).entries()) terminal.line(n === 0 ? `- ${line}` : `  ${line}`);
  terminal.line();
  for (const { input, target } of dataset.samples)
    terminal.line(`    ${input}${target === undefined ? '' : `  →  ${target}`}`);
  terminal.line();
  terminal.line(`Tasks: ${tasks.map(({ id }) => id).join(', ')}; "unrolled tasks ID" tells their options.`);
}

/** A text as it is; everything else as JSON Lines with names, which "data import" reads again. */
async function exportDataset(
  workspace: Workspace,
  { id, name }: DatasetInfo,
  { out, overwrite = false, json = false }: Values,
  terminal: Terminal,
): Promise<void> {
  if (out === undefined) throw new UsageError('--out is missing: the file to write');
  if (!overwrite && statSync(out, { throwIfNoEntry: false }) !== undefined) {
    throw new InputError(`${out} is there already`, 'Choose another name, or give --overwrite.');
  }
  const folder = join(workspace.datasets.folder, id);
  const { form } = readManifest(folder, id);
  const file = createWriteStream(out);
  let rows = 0;
  try {
    if (form === 'text') {
      for await (const piece of createReadStream(dataPath(folder, form))) file.write(piece);
    } else {
      for await (const line of createInterface({
        input: createReadStream(dataPath(folder, form)),
        crlfDelay: Infinity,
      })) {
        rows++;
        for (const record of recordsOf(form, JSON.parse(line) as readonly unknown[], rows)) {
          if (!file.write(`${JSON.stringify(record)}\n`)) await once(file, 'drain');
        }
      }
    }
    file.end();
    await finished(file);
  } catch (error) {
    throw fileError(error, 'written', out);
  }
  terminal.line(json ? JSON.stringify({ out, dataset: id, form, rows }) : `${name} is written to ${out}.`);
}

function recordsOf(form: Manifest['form'], [first, second, group]: readonly unknown[], row: number): readonly object[] {
  const grouped = typeof group === 'string' ? { group } : {};
  switch (form) {
    case 'labelled':
      return [{ text: first, label: second, ...grouped }];
    case 'pairs':
      return [{ source: first, target: second, ...grouped }];
    case 'series':
      return [{ ...(typeof first === 'number' ? { date: new Date(first).toISOString() } : {}), value: second }];
    case 'tagged':
      return (first as readonly string[]).map((token, n) => ({
        sentence: row,
        token,
        tag: (second as readonly string[])[n],
      }));
    case 'text':
      return [];
  }
}
