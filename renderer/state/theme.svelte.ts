import type { Settings } from '../../electron/api/app.ts';
import { readPalette, type Palette } from '../charts/figure.ts';
import type { Program } from './program.svelte.ts';

export type ThemeChoice = Settings['theme'];

/** Light or dark: as the person chose, or as the system is. */
export class Theme {
  readonly #program: Program;
  #systemDark = $state(false);
  #palette = $state.raw<Palette>();

  /** `dark`: whether the system is dark. */
  constructor(program: Program, dark: Pick<MediaQueryList, 'matches' | 'addEventListener'>) {
    this.#program = program;
    this.#systemDark = dark.matches;
    dark.addEventListener('change', () => (this.#systemDark = dark.matches));
  }

  get choice(): ThemeChoice {
    return this.#program.settings?.theme ?? 'system';
  }

  get shown(): 'light' | 'dark' {
    return this.choice === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.choice;
  }

  /** The colours that are on the screen; undefined before there is a screen. */
  get palette(): Palette | undefined {
    return this.#palette;
  }

  /** To be called once the screen shows what `shown` says. */
  readPalette(style: Pick<CSSStyleDeclaration, 'getPropertyValue'>): void {
    this.#palette = readPalette(style);
  }
}
