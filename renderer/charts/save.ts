/** Saving what is on the screen as files. */
import { drawFigure } from './canvas.ts';
import { readPalette, type Figure } from './figure.ts';
import { toSvg } from './svg.ts';

const PNG_SCALE = 2;

export type FigureFormat = 'png' | 'svg';

/** Hands the figure, in the colours of the theme, to the person as a file. */
export async function saveFigure(figure: Figure, name: string, format: FigureFormat): Promise<void> {
  const palette = readPalette(getComputedStyle(document.documentElement));
  if (format === 'svg') {
    saveBlob(new Blob([toSvg(figure, palette)], { type: 'image/svg+xml' }), `${fileName(name)}.svg`);
    return;
  }
  const canvas = new OffscreenCanvas(figure.width * PNG_SCALE, figure.height * PNG_SCALE);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('No drawing context.');
  drawFigure(context, figure, palette, PNG_SCALE);
  saveBlob(await canvas.convertToBlob({ type: 'image/png' }), `${fileName(name)}.png`);
}

export function saveText(text: string, name: string, type = 'text/csv;charset=utf-8', extension = 'csv'): void {
  saveBlob(new Blob([text], { type }), `${fileName(name)}.${extension}`);
}

/** A name that every file system takes. */
export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 80)
    .toLowerCase();
  return plain === '' ? 'unrolled' : plain;
}

/** Hands bytes to the person as a file of this very name. */
export function saveParts(parts: readonly Uint8Array<ArrayBuffer>[], name: string): void {
  saveBlob(new Blob([...parts], { type: 'application/octet-stream' }), name);
}

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by its next task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
