/**
 * Saves a diagram that is on the screen as it is on the screen: SVG with its looks written into it, or PNG drawn in the
 * page's own fonts. Of an SVG element's descendants it knows rect, circle, line, polyline, path and text, filled and
 * stroked in plain colours or in linear gradients; HTML inside an SVG is left out.
 */
import { FONT } from '../charts/figure.ts';
import { fileName, saveBlob } from '../charts/save.ts';

const PNG_SCALE = 2;
const LOOKS = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-linecap',
  'opacity',
  'font-size',
  'font-family',
  'font-style',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;
const DRAWN = 'rect, circle, line, polyline, polygon, path, text, tspan, g';

export async function saveDrawing(svg: SVGSVGElement, name: string, format: 'svg' | 'png'): Promise<void> {
  if (format === 'svg') {
    saveBlob(new Blob([drawingText(svg)], { type: 'image/svg+xml' }), `${fileName(name)}.svg`);
  } else {
    saveBlob(await drawingImage(svg), `${fileName(name)}.png`);
  }
}

/** The drawing as the text of an SVG file, on a ground of its own. */
export function drawingText(svg: SVGSVGElement): string {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll<SVGElement>(DRAWN);
  copy.querySelectorAll<SVGElement>(DRAWN).forEach((element, i) => {
    const style = getComputedStyle(originals[i]!);
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value !== '' && value !== 'none' && value !== 'auto' && value !== 'normal') element.setAttribute(look, value);
      else if (value === 'none') element.setAttribute(look, 'none');
    }
  });
  for (const element of copy.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (/^(class|style|role|tabindex|aria-.*)$/u.test(name)) element.removeAttribute(name);
    }
  }
  for (const stop of copy.querySelectorAll('foreignObject')) stop.remove();
  const stops = svg.querySelectorAll('stop');
  copy.querySelectorAll('stop').forEach((stop, i) => {
    const style = getComputedStyle(stops[i]!);
    stop.setAttribute('stop-color', style.stopColor);
    stop.setAttribute('stop-opacity', style.stopOpacity);
  });
  const view = svg.viewBox.baseVal;
  const box = view.width > 0 ? [view.x, view.y, view.width, view.height] : [0, 0, width, height];
  const ground = document.createElementNS(svg.namespaceURI ?? '', 'rect');
  ['x', 'y', 'width', 'height'].forEach((side, i) => ground.setAttribute(side, String(box[i])));
  ground.setAttribute('fill', groundOf());
  copy.prepend(ground);
  for (const name of ['class', 'style', 'role', 'aria-label', 'aria-labelledby']) copy.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', box.join(' '));
  copy.setAttribute('width', String(Math.round(width)));
  copy.setAttribute('height', String(Math.round(height)));
  copy.setAttribute('font-family', FONT);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

async function drawingImage(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = svg.getBoundingClientRect();
  const canvas = new OffscreenCanvas(Math.round(width * PNG_SCALE), Math.round(height * PNG_SCALE));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('No drawing context.');
  context.fillStyle = groundOf();
  context.fillRect(0, 0, canvas.width, canvas.height);
  const screen = svg.getScreenCTM()?.inverse();
  const view = svg.viewBox.baseVal;
  const zoom = view.width > 0 ? width / view.width : 1;
  for (const element of svg.querySelectorAll<SVGGraphicsElement>('rect, circle, line, polyline, polygon, path, text')) {
    const matrix = element.getScreenCTM();
    if (screen === undefined || matrix === null || element.closest('defs') !== null) continue;
    const place = new DOMMatrix([PNG_SCALE * zoom, 0, 0, PNG_SCALE * zoom, 0, 0])
      .translate(-view.x, -view.y)
      .multiply(screen.multiply(matrix));
    context.setTransform(place);
    context.globalAlpha = opacityOf(element, svg);
    const style = getComputedStyle(element);
    if (element instanceof SVGTextElement) drawText(context, element);
    else drawShape(context, new Path2D(outline(element)), style, svg);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}

type Context = OffscreenCanvasRenderingContext2D;

function drawShape(context: Context, shape: Path2D, style: CSSStyleDeclaration, svg: SVGSVGElement): void {
  const alpha = context.globalAlpha;
  const fill = ink(context, style.fill, svg);
  if (fill !== undefined) {
    context.globalAlpha = alpha * Number(style.fillOpacity);
    context.fillStyle = fill;
    context.fill(shape);
  }
  const stroke = ink(context, style.stroke, svg);
  if (stroke !== undefined) {
    context.globalAlpha = alpha * Number(style.strokeOpacity);
    context.strokeStyle = stroke;
    context.lineWidth = Number.parseFloat(style.strokeWidth);
    context.lineJoin = 'round';
    context.setLineDash(style.strokeDasharray === 'none' ? [] : numbersIn(style.strokeDasharray));
    context.stroke(shape);
  }
}

/** Piece by piece, each where the layout of the screen has it. */
function drawText(context: Context, text: SVGTextElement): void {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let first = 0;
  const length = text.getNumberOfChars();
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const content = node.nodeValue ?? '';
    // White space that the layout collapses has no place of its own.
    const shown = content.replaceAll(/\s+/gu, ' ');
    if (first >= length || node.parentElement === null) return;
    const style = getComputedStyle(node.parentElement);
    const { x, y } = text.getStartPositionOfChar(first);
    const middle = style.dominantBaseline === 'central' || style.dominantBaseline === 'middle';
    context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.textAlign = 'start';
    context.textBaseline = middle ? 'middle' : 'alphabetic';
    context.fillStyle = style.fill;
    context.fillText(shown, x, y);
    first += shown.length;
  }
}

function outline(element: SVGGraphicsElement): string {
  const at = (name: string): number => Number.parseFloat(element.getAttribute(name) ?? '0');
  if (element instanceof SVGRectElement) {
    const [x, y, w, h] = [at('x'), at('y'), at('width'), at('height')];
    const r = Math.min(at('rx'), w / 2, h / 2);
    return (
      `M${x + r} ${y}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}` +
      `h${2 * r - w}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - h}a${r} ${r} 0 0 1 ${r} ${-r}z`
    );
  }
  if (element instanceof SVGCircleElement) {
    const [x, y, r] = [at('cx'), at('cy'), at('r')];
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
  if (element instanceof SVGLineElement) return `M${at('x1')} ${at('y1')}L${at('x2')} ${at('y2')}`;
  if (element instanceof SVGPathElement) return element.getAttribute('d') ?? '';
  const points = numbersIn(element.getAttribute('points') ?? '');
  const end = element instanceof SVGPolygonElement ? 'z' : '';
  return points.length === 0 ? '' : `M${points.join(' ')}${end}`;
}

/** A colour, or a gradient of the drawing's own; undefined: nothing is drawn. */
function ink(context: Context, paint: string, svg: SVGSVGElement): string | CanvasGradient | undefined {
  if (paint === 'none' || paint === 'transparent') return undefined;
  const id = /^url\(["']?#([^"')]+)/u.exec(paint)?.[1];
  if (id === undefined) return paint;
  const gradient = svg.querySelector<SVGLinearGradientElement>(`#${CSS.escape(id)}`);
  if (gradient === null) return undefined;
  const { x1, y1, x2, y2 } = gradient;
  const ramp = context.createLinearGradient(x1.baseVal.value, y1.baseVal.value, x2.baseVal.value, y2.baseVal.value);
  for (const stop of gradient.querySelectorAll('stop')) {
    const { stopColor, stopOpacity } = getComputedStyle(stop);
    const clear = /^rgb\((.*)\)$/u.exec(stopColor)?.[1] ?? '0, 0, 0';
    ramp.addColorStop(stop.offset.baseVal, `rgba(${clear}, ${stopOpacity})`);
  }
  return ramp;
}

function opacityOf(element: Element, root: Element): number {
  let opacity = 1;
  for (let at: Element | null = element; at !== null && at !== root; at = at.parentElement) {
    opacity *= Number(getComputedStyle(at).opacity);
  }
  return opacity;
}

function groundOf(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
}

function numbersIn(text: string): number[] {
  return (text.match(/-?[\d.]+(?:e-?\d+)?/gu) ?? []).map(Number);
}
