/** A drawing as plain marks, which SVG and canvas draw alike. Lengths are CSS pixels, y grows downwards. */

/** Names of theme/tokens.css without their dashes. */
export const COLOURS = [
  'ground',
  'surface',
  'sunken',
  'ink',
  'ink-soft',
  'hairline',
  'edge',
  'accent',
  'danger',
  'run-1',
  'run-2',
  'run-3',
  'run-4',
  'run-5',
  'run-6',
  'run-7',
  'run-8',
  'forget',
  'input',
  'candidate',
  'output',
  'cell',
  'hidden',
  'low',
  'high',
  'norm',
] as const;
export type Colour = (typeof COLOURS)[number];
export type Palette = Readonly<Record<Colour, string>>;

export type Mark =
  | {
      readonly kind: 'line';
      readonly points: readonly (readonly [number, number])[];
      readonly colour: Colour;
      readonly width: number;
      readonly dash?: readonly number[];
    }
  | { readonly kind: 'dot'; readonly x: number; readonly y: number; readonly radius: number; readonly colour: Colour }
  | {
      readonly kind: 'box';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly radius?: number;
      readonly fill: Colour;
      /** Of the fill, 0 to 1. */
      readonly opacity?: number;
      readonly stroke?: Colour;
    }
  | {
      readonly kind: 'image';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      /** Its pixels, which stay square-edged however much they are enlarged. */
      readonly source: HTMLCanvasElement;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the baseline. */
      readonly y: number;
      readonly text: string;
      readonly colour: Colour;
      readonly size?: number;
      readonly weight?: number;
      readonly anchor?: 'start' | 'middle' | 'end';
    };

export interface Figure {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

export const TEXT_SIZE = 12;
export const FONT = "'Inter Variable', Inter, system-ui, sans-serif";

/** The theme's colours as they are now. */
export function readPalette(style: Pick<CSSStyleDeclaration, 'getPropertyValue'>): Palette {
  return Object.fromEntries(
    COLOURS.map((colour) => [colour, style.getPropertyValue(`--${colour}`).trim()]),
  ) as Readonly<Record<Colour, string>>;
}
