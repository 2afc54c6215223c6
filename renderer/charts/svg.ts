import { FONT, TEXT_SIZE, type Figure, type Mark, type Palette } from './figure.ts';

/** The figure as the text of an SVG file, with a ground of its own. */
export function toSvg({ width, height, marks }: Figure, palette: Palette): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="${escape(FONT)}" font-size="${TEXT_SIZE}">`,
    `<rect width="${width}" height="${height}" fill="${palette.surface}"/>`,
    ...marks.map((mark) => element(mark, palette)),
    '</svg>',
    '',
  ].join('\n');
}

function element(mark: Mark, palette: Palette): string {
  switch (mark.kind) {
    case 'line': {
      const points = mark.points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
      const dash = mark.dash ? ` stroke-dasharray="${mark.dash.join(' ')}"` : '';
      const look = `stroke="${palette[mark.colour]}" stroke-width="${mark.width}" stroke-linejoin="round"${dash}`;
      return `<polyline points="${points}" fill="none" ${look}/>`;
    }
    case 'dot':
      return `<circle cx="${round(mark.x)}" cy="${round(mark.y)}" r="${mark.radius}" fill="${palette[mark.colour]}"/>`;
    case 'box': {
      const place = `x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.width)}" height="${round(mark.height)}"`;
      const stroke = mark.stroke ? ` stroke="${palette[mark.stroke]}"` : '';
      const look = `fill="${palette[mark.fill]}" fill-opacity="${round(mark.opacity ?? 1)}"${stroke}`;
      return `<rect ${place} rx="${mark.radius ?? 0}" ${look}/>`;
    }
    case 'image': {
      const place = `x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.width)}" height="${round(mark.height)}"`;
      const look = 'preserveAspectRatio="none" style="image-rendering: pixelated"';
      return `<image ${place} ${look} href="${mark.source.toDataURL('image/png')}"/>`;
    }
    case 'text': {
      const look = `fill="${palette[mark.colour]}" font-size="${mark.size ?? TEXT_SIZE}" font-weight="${mark.weight ?? 400}"`;
      const place = `x="${round(mark.x)}" y="${round(mark.y)}" text-anchor="${mark.anchor ?? 'start'}"`;
      return `<text ${place} ${look}>${escape(mark.text)}</text>`;
    }
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
