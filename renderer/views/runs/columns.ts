/** The table of runs: what they have in common is left out, what differs between their experiments is a column. */
import type { RunInfo } from '../../../electron/api/runs.ts';
import { count, figure, metricValue, moment, rate, setting } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import { at, flatten, NOT_COMPARED } from '../../state/experiment.ts';
import { choiceName, fieldName } from '../../state/field-names.ts';

export interface Column {
  /** "best", or the path of an experiment's member. */
  readonly key: string;
  readonly label: string;
  readonly numeric: boolean;
  /** What is sorted by; undefined sorts last. */
  value(run: RunInfo): number | string | undefined;
  text(run: RunInfo): string;
}

/** Members that differ in so many ways that a column of each would bury the others. */
const MOST_COLUMNS = 12;

/** As `differing`, of runs that change all the time while their experiments do not. */
export class Differing {
  #experiments: readonly unknown[] = [];
  #paths: readonly string[] = [];

  of(runs: readonly RunInfo[]): readonly string[] {
    const known = this.#experiments;
    if (runs.length !== known.length || runs.some(({ experiment }, i) => experiment !== known[i])) {
      this.#experiments = runs.map(({ experiment }) => experiment);
      this.#paths = differing(runs);
    }
    return this.#paths;
  }
}

/** A member of experiments, as far as it has been seen in them. */
interface Member {
  readonly inner: Map<string, Member>;
  /** Of the first experiment that has it; undefined where it has members itself. */
  first: unknown;
  /** Experiments that have it as a plain value. */
  count: number;
  differs: boolean;
}

const newMember = (): Member => ({ inner: new Map(), first: undefined, count: 0, differs: false });

/** Paths whose values are not the same in all of the runs, in the order of the experiments. */
export function differing(runs: readonly RunInfo[]): readonly string[] {
  const root = newMember();
  for (const { experiment } of runs) note(root, experiment);
  const paths: string[] = [];
  const collect = ({ inner, count: seen, differs }: Member, path: string): void => {
    if (seen > 0 && (differs || seen < runs.length) && !NOT_COMPARED.has(path)) paths.push(path);
    for (const [name, member] of inner) collect(member, path === '' ? name : `${path}.${name}`);
  };
  collect(root, '');
  return paths;
}

function note(member: Member, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, own] of Object.entries(value)) {
      let inner = member.inner.get(name);
      if (inner === undefined) member.inner.set(name, (inner = newMember()));
      note(inner, own);
    }
    return;
  }
  if (member.count === 0) member.first = value;
  else if (member.first !== value) member.differs = true;
  member.count++;
}

const DATASET = 'task.dataset';

/**
 * The columns of the table: between what a run is and what came of it the members at these paths. `datasetName`: of the
 * dataset with an id; undefined where it is not in the workspace.
 */
export function columnsOf(
  paths: readonly string[],
  title: (run: RunInfo) => string,
  datasetName: (id: string) => string | undefined = () => undefined,
): readonly Column[] {
  // The task has a column of its own.
  const differ = paths.filter((path) => path !== 'task.id');
  return [
    text('name', ({ name }) => name),
    text('state', ({ state }) => t(`state.${state}`)),
    text('task', title),
    ...differ.slice(0, MOST_COLUMNS).map((path) => memberColumn(path, path === DATASET ? datasetName : undefined)),
    {
      ...number('metric', ({ metric }) => metric?.value),
      text: ({ metric }) => (metric === null ? '' : metricValue(metric, metric.value)),
    },
    {
      ...number('best', ({ best }) => best?.metric.value),
      text: ({ best }) => (best === null ? '' : metricValue(best.metric, best.metric.value)),
    },
    text('measured', ({ metric }) => metric?.label ?? ''),
    { ...number('update', ({ progress }) => progress.update), text: ({ progress }) => count(progress.update) },
    {
      ...number('speed', ({ progress }) => progress.tokensPerSecond),
      text: ({ progress }) => (progress.tokensPerSecond === null ? '' : rate(progress.tokensPerSecond)),
    },
    { ...number('created', ({ created }) => created), text: ({ created }) => moment(created) },
  ];
}

function text(key: 'name' | 'state' | 'task' | 'measured', read: (run: RunInfo) => string): Column {
  return { key, label: t(`runs.${key}`), numeric: false, value: read, text: read };
}

function number(
  key: 'metric' | 'best' | 'update' | 'speed' | 'created',
  read: (run: RunInfo) => number | null | undefined,
): Column {
  const value = (run: RunInfo): number | undefined => read(run) ?? undefined;
  return { key, label: t(`runs.${key}`), numeric: true, value, text: (run) => figure(value(run)) };
}

/** `named`: what a text at the path stands for. */
function memberColumn(path: string, named: (text: string) => string | undefined = () => undefined): Column {
  const written = (value: unknown): string => {
    const plain = setting(value);
    return named(plain) ?? choiceName(path, plain) ?? plain;
  };
  return {
    key: path,
    label: fieldName(path),
    numeric: true,
    value(run) {
      const value = at(run.experiment, path);
      return typeof value === 'number' ? value : value === undefined || value === null ? undefined : written(value);
    },
    text(run) {
      const value = at(run.experiment, path);
      return value === undefined ? '' : written(value);
    },
  };
}

/**
 * Those in which every word of the filter occurs: in the name, the state, the task, the note, or a member of the
 * experiment as "path=value". `paths`: the members in which the runs differ.
 */
export function matching(
  runs: readonly RunInfo[],
  filter: string,
  title: (run: RunInfo) => string,
  paths: readonly string[],
): readonly RunInfo[] {
  const words = filter.toLowerCase().split(/\s+/u).filter(Boolean);
  const [first] = runs;
  if (words.length === 0 || first === undefined) return runs;
  // What is the same in all of them is looked through once.
  const shared = [...flatten(first.experiment)].filter(([path]) => !paths.includes(path));
  const common = shared
    .map(([path, value]) => `${path}=${setting(value)}\n`)
    .join('')
    .toLowerCase();
  const asked = words.filter((word) => !common.includes(word));
  return runs.filter((run) => {
    const own = paths.map((path) => `${path}=${setting(at(run.experiment, path))}\n`).join('');
    const all = [run.name, t(`state.${run.state}`), title(run), run.task, run.note, own].join('\n').toLowerCase();
    return asked.every((word) => all.includes(word));
  });
}

/** `sort`: a column's key, with "-" in front for the largest first. Runs without a value come last either way. */
export function sorted(runs: readonly RunInfo[], columns: readonly Column[], sort: string | null): readonly RunInfo[] {
  const key = sort?.replace(/^-/u, '');
  const column = columns.find((candidate) => candidate.key === key);
  if (column === undefined) return runs;
  const direction = sort?.startsWith('-') ? -1 : 1;
  const keyed = runs.map((run) => ({ run, value: column.value(run) }));
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined);
    return direction * compare(a.value, b.value);
  });
  return keyed.map(({ run }) => run);
}

const collator = new Intl.Collator('en', { numeric: true });

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}
