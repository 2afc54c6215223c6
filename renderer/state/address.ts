/** Where a person is in the lab, written into the address after the `#` so that Back works and a place can be linked. */

export const VIEWS = ['home', 'data', 'train', 'runs'] as const;
export type View = (typeof VIEWS)[number];

/** A checkpoint that a new run begins from. */
export interface Beginning {
  readonly run: string;
  readonly update: number;
}

export interface Place {
  readonly view: View;
  /** The run that is open. */
  readonly run: string | null;
  /** The update of the checkpoint that is looked at; null: the newest state. */
  readonly checkpoint: number | null;
  /** Of the form for a new experiment. */
  readonly task: string | null;
  readonly cell: string | null;
  readonly from: Beginning | null;
  /** Runs laid over one another. */
  readonly selection: readonly string[];
  readonly sort: string | null;
  readonly filter: string;
}

const NOWHERE: Place = {
  view: 'home',
  run: null,
  checkpoint: null,
  task: null,
  cell: null,
  from: null,
  selection: [],
  sort: null,
  filter: '',
};

/** A place of which only what matters is said. */
export function place(view: View, details: Partial<Omit<Place, 'view'>> = {}): Place {
  return { ...NOWHERE, ...details, view };
}

/** "#/train?run=brave-whale&at=500" */
export function formatAddress(to: Place): string {
  const query = new URLSearchParams();
  if (to.run !== null) query.set('run', to.run);
  if (to.checkpoint !== null) query.set('at', String(to.checkpoint));
  if (to.task !== null) query.set('task', to.task);
  if (to.cell !== null) query.set('cell', to.cell);
  if (to.from !== null) query.set('from', `${to.from.run}@${to.from.update}`);
  if (to.selection.length > 0) query.set('select', to.selection.join(' '));
  if (to.sort !== null) query.set('sort', to.sort);
  if (to.filter !== '') query.set('filter', to.filter);
  const text = query.toString();
  return text === '' ? `#/${to.view}` : `#/${to.view}?${text}`;
}

/** The place an address names. What it does not understand it leaves out, so that any address leads somewhere. */
export function parseAddress(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/u, '').split('?');
  const query = new URLSearchParams(search);
  return {
    view: VIEWS.find((view) => view === path) ?? NOWHERE.view,
    run: idOf(query.get('run')),
    checkpoint: wholeOf(query.get('at')),
    task: query.get('task'),
    cell: query.get('cell'),
    from: beginningOf(query.get('from')),
    selection: [...new Set((query.get('select') ?? '').split(' ').flatMap((id) => idOf(id) ?? []))],
    sort: query.get('sort'),
    filter: query.get('filter') ?? '',
  };
}

function idOf(text: string | null): string | null {
  return text !== null && /^[a-z0-9][a-z0-9-]{0,63}$/u.test(text) ? text : null;
}

function wholeOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/u.test(text) ? Number(text) : null;
}

function beginningOf(text: string | null): Beginning | null {
  const [name = null, at = null] = text?.split('@') ?? [];
  const run = idOf(name);
  const update = wholeOf(at);
  return run === null || update === null ? null : { run, update };
}
