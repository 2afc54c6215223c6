/** Where a person is in the lab, written into the address after the `#` so that Back works and a place can be linked. */

export const VIEWS = [
  'home',
  'data',
  'train',
  'gates',
  'gradients',
  'sequences',
  'attention',
  'runs',
  'export',
  'glossary',
  'about',
] as const;
export type View = (typeof VIEWS)[number];

/** The views that look into a run: they share one selection. */
export const EXPLORERS = ['gates', 'gradients', 'attention'] as const satisfies readonly View[];

/** Units of a layer from 0, both ends included; null: all of them, by their mean. */
export interface Units {
  readonly from: number;
  readonly to: number;
}

/** What is looked at inside a run, the same in every explorer. Steps, layers and units count from 0. */
export interface Looked {
  readonly step: number | null;
  readonly layer: number;
  /** Of a bidirectional layer, the direction that reads from the end. */
  readonly reverse: boolean;
  readonly units: Units | null;
  /** Number of the item of the data that is read. */
  readonly item: number;
  /** What the person typed instead, in the form that the task's codec reads, as JSON. */
  readonly input: string | null;
  /** What is held: "forget=1@3-9:unit12; input=0" (engine/explain reads it). */
  readonly held: string;
  /** What is changed of the input: "4=\"T\"" (engine/explain/edits.ts reads it). */
  readonly edited: string;
  /** Key of the quantity in the inspector. */
  readonly quantity: string | null;
}

/** A checkpoint that a new run begins from. */
export interface Beginning {
  readonly run: string;
  readonly update: number;
}

export interface Place extends Looked {
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

export const NOTHING_LOOKED_AT: Looked = {
  step: null,
  layer: 0,
  reverse: false,
  units: { from: 0, to: 0 },
  item: 0,
  input: null,
  held: '',
  edited: '',
  quantity: null,
};

const NOWHERE: Place = {
  ...NOTHING_LOOKED_AT,
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
  if (to.step !== null) query.set('step', String(to.step + 1));
  if (to.layer !== 0) query.set('layer', String(to.layer + 1));
  if (to.reverse) query.set('direction', 'reverse');
  const units = formatUnits(to.units);
  if (units !== '1') query.set('unit', units);
  if (to.item !== 0) query.set('item', String(to.item + 1));
  if (to.input !== null) query.set('input', to.input);
  if (to.held !== '') query.set('hold', to.held);
  if (to.edited !== '') query.set('change', to.edited);
  if (to.quantity !== null) query.set('quantity', to.quantity);
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
    step: ordinalOf(query.get('step')),
    layer: ordinalOf(query.get('layer')) ?? 0,
    reverse: query.get('direction') === 'reverse',
    units: unitsOf(query.get('unit')),
    item: ordinalOf(query.get('item')) ?? 0,
    input: query.get('input'),
    held: query.get('hold') ?? '',
    edited: query.get('change') ?? '',
    quantity: query.get('quantity'),
  };
}

function idOf(text: string | null): string | null {
  return text !== null && /^[a-z0-9][a-z0-9-]{0,63}$/u.test(text) ? text : null;
}

function wholeOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/u.test(text) ? Number(text) : null;
}

/** A place in a sequence: addresses count from 1 as the screen does, the program from 0. */
function ordinalOf(text: string | null): number | null {
  const whole = wholeOf(text);
  return whole === null || whole === 0 ? null : whole - 1;
}

/** "12", "3-9" or "mean". */
function formatUnits(units: Units | null): string {
  if (units === null) return 'mean';
  return units.from === units.to ? String(units.from + 1) : `${units.from + 1}-${units.to + 1}`;
}

function unitsOf(text: string | null): Units | null {
  if (text === 'mean') return null;
  const [from = null, to = from] = (text ?? '').split('-').map(ordinalOf);
  return from === null || to === null || to < from ? NOTHING_LOOKED_AT.units : { from, to };
}

function beginningOf(text: string | null): Beginning | null {
  const [name = null, at = null] = text?.split('@') ?? [];
  const run = idOf(name);
  const update = wholeOf(at);
  return run === null || update === null ? null : { run, update };
}
