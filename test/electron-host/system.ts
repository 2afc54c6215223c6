/** The parts of Electron that show what the system has: dialogs, displays, menus, power. */
import { EventEmitter } from 'node:events';
import { ask, onDesktop, tell } from './link.ts';
import type { Machine, MenuItem } from './messages.ts';
import { requireReady } from './readiness.ts';

type Options = Readonly<Record<string, unknown>>;

/** A dialog may be given the window that it belongs to. */
function optionsOf(args: readonly unknown[]): Options {
  return plain((args.length > 1 ? args[1] : args[0]) as Options);
}

/** What can pass to the desktop. */
function plain(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'));
}

function show(type: 'open' | 'save' | 'message', args: readonly unknown[]): Promise<unknown> {
  requireReady('dialog module can only be used after app is ready');
  return ask((request) => ({ kind: 'dialog', request, dialog: { type, options: optionsOf(args) } }));
}

export const dialog = {
  /** May be called before the app is ready. */
  showErrorBox: (title: string, content: string): void => tell({ kind: 'error-box', title, content }),
  showOpenDialog: (...args: unknown[]) => show('open', args),
  showSaveDialog: (...args: unknown[]) => show('save', args),
  showMessageBox: (...args: unknown[]) => show('message', args),
};

export function screenOf({ workAreas }: Machine) {
  const displays = workAreas.map((workArea, id) => ({ id, workArea, bounds: workArea, scaleFactor: 1 }));
  const needReady = (): void => requireReady("The 'screen' module can't be used before the app 'ready' event");
  return {
    getAllDisplays() {
      needReady();
      return displays;
    },
    getPrimaryDisplay() {
      needReady();
      return displays[0];
    },
  };
}

export function themeOf({ dark }: Machine): EventEmitter & { readonly shouldUseDarkColors: boolean } {
  return Object.assign(new EventEmitter(), { shouldUseDarkColors: dark, themeSource: 'system' });
}

interface Template {
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly submenu?: readonly Template[];
  readonly click?: () => void;
}

let menu: readonly Template[] = [];

export const Menu = {
  buildFromTemplate: (template: readonly Template[]) => template,
  setApplicationMenu(template: readonly Template[] | null): void {
    menu = template ?? [];
    tell({ kind: 'menu', items: menu.map(itemOf) });
  },
};

/** A role brings its label with it. */
const labelOf = ({ label, role, type }: Template): string => label ?? role ?? type ?? '';

function itemOf(template: Template): MenuItem {
  return { label: labelOf(template), items: (template.submenu ?? []).map(itemOf) };
}

onDesktop('click', ({ path }) => {
  let items = menu;
  let found: Template | undefined;
  for (const label of path) {
    found = items.find((item) => labelOf(item) === label);
    items = found?.submenu ?? [];
  }
  if (found?.click === undefined) throw new Error(`There is nothing to click at ${path.join(' > ')}.`);
  found.click();
});

const blockers = new Set<number>();
let blockerCount = 0;

export const powerSaveBlocker = {
  start(type: string): number {
    requireReady('powerSaveBlocker can only be used after app is ready');
    blockers.add(++blockerCount);
    tell({ kind: 'note', what: `power blocked: ${type}` });
    return blockerCount;
  },
  stop(id: number): boolean {
    const stopped = blockers.delete(id);
    if (stopped) tell({ kind: 'note', what: 'power released' });
    return stopped;
  },
  isStarted: (id: number): boolean => blockers.has(id),
};

export const shell = {
  showItemInFolder: (path: string): void => tell({ kind: 'note', what: `shown in its folder: ${path}` }),
  openPath(path: string): Promise<string> {
    tell({ kind: 'note', what: `opened: ${path}` });
    return Promise.resolve('');
  },
};
