/**
 * What passes between the main process under test and the desktop that the test plays: its screen, its windows with
 * their pages, and the person in front of it. Structured clones, over the channel of a child process.
 */

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the machine is like; given to the main process in the environment, as JSON. */
export interface Machine {
  /** Where Chromium keeps its profile unless the program sets another place. */
  readonly userData: string;
  /** Of each display, in points; the first one is the primary display. */
  readonly workAreas: readonly Area[];
  readonly dark: boolean;
}
export const MACHINE_VARIABLE = 'UNROLLED_ELECTRON_HOST';

/** Where a message of a page came from. */
export interface Frame {
  readonly url: string;
  readonly isMain: boolean;
}

export type WindowFact = 'shown' | 'hidden' | 'focused' | 'restored' | 'maximized' | 'enabled' | 'disabled';

export interface DialogRequest {
  readonly type: 'open' | 'save' | 'message';
  readonly options: Readonly<Record<string, unknown>>;
}

export interface MenuItem {
  readonly label: string;
  readonly items: readonly MenuItem[];
}

export type HostMessage =
  | { readonly kind: 'window'; readonly window: number; readonly bounds: Area; readonly options: WindowLook }
  | { readonly kind: 'fact'; readonly window: number; readonly fact: WindowFact }
  | { readonly kind: 'title'; readonly window: number; readonly title: string }
  | { readonly kind: 'load'; readonly window: number; readonly url: string; readonly address: string }
  | { readonly kind: 'reload'; readonly window: number }
  | { readonly kind: 'destroyed'; readonly window: number }
  | { readonly kind: 'send'; readonly window: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly kind: 'evaluate'; readonly window: number; readonly request: number; readonly code: string }
  | { readonly kind: 'invoked'; readonly request: number; readonly value?: unknown; readonly error?: string }
  | { readonly kind: 'allowed'; readonly request: number; readonly value: boolean }
  | { readonly kind: 'dialog'; readonly request: number; readonly dialog: DialogRequest }
  | { readonly kind: 'error-box'; readonly title: string; readonly content: string }
  | { readonly kind: 'menu'; readonly items: readonly MenuItem[] }
  | { readonly kind: 'relaunch'; readonly args: readonly string[] }
  /** Everything else that a scenario may ask about. */
  | { readonly kind: 'note'; readonly what: string };

export interface WindowLook {
  readonly minWidth: number;
  readonly minHeight: number;
  readonly backgroundColor: string;
  readonly shown: boolean;
  /** Source of the preload script; null where there is none. */
  readonly preload: string | null;
}

export type DesktopMessage =
  | { readonly kind: 'loaded'; readonly window: number; readonly failure: string | null }
  | { readonly kind: 'evaluated'; readonly request: number; readonly value?: unknown; readonly error?: string }
  | {
      readonly kind: 'invoke';
      readonly window: number;
      readonly request: number;
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly frame: Frame | null;
    }
  | {
      readonly kind: 'ipc';
      readonly window: number;
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly frame: Frame | null;
    }
  /** The page asks for an address outside the program. */
  | {
      readonly kind: 'request';
      readonly window: number;
      readonly request: number;
      readonly url: string;
      readonly navigates: boolean;
    }
  | { readonly kind: 'crashed'; readonly window: number; readonly reason: 'crashed' | 'killed' }
  | { readonly kind: 'unresponsive'; readonly window: number }
  | { readonly kind: 'answer'; readonly request: number; readonly value: unknown }
  /** The person at work. */
  | { readonly kind: 'close'; readonly window: number }
  | { readonly kind: 'move'; readonly window: number; readonly bounds: Area }
  | { readonly kind: 'click'; readonly path: readonly string[] }
  | { readonly kind: 'open-file'; readonly path: string }
  | { readonly kind: 'quit' };
