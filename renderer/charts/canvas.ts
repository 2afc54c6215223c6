import { FONT, TEXT_SIZE, type Figure, type Mark, type Palette } from './figure.ts';

type Context = Pick<
  CanvasRenderingContext2D,
  | 'scale'
  | 'fillRect'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'roundRect'
  | 'fill'
  | 'stroke'
  | 'setLineDash'
  | 'fillText'
  | 'drawImage'
  | 'imageSmoothingEnabled'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'lineJoin'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
>;

/** Draws the figure with a ground of its own, `scale` device pixels to a CSS pixel. */
export function drawFigure(context: Context, { width, height, marks }: Figure, palette: Palette, scale: number): void {
  context.scale(scale, scale);
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, height);
  context.lineJoin = 'round';
  for (const mark of marks) draw(context, mark, palette);
}

function draw(context: Context, mark: Mark, palette: Palette): void {
  context.beginPath();
  switch (mark.kind) {
    case 'line':
      mark.points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
      context.setLineDash(mark.dash ?? []);
      context.strokeStyle = palette[mark.colour];
      context.lineWidth = mark.width;
      context.stroke();
      break;
    case 'dot':
      context.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
      context.fillStyle = palette[mark.colour];
      context.fill();
      break;
    case 'box':
      context.roundRect(mark.x, mark.y, mark.width, mark.height, mark.radius ?? 0);
      context.globalAlpha = mark.opacity ?? 1;
      context.fillStyle = palette[mark.fill];
      context.fill();
      context.globalAlpha = 1;
      if (mark.stroke) {
        context.setLineDash([]);
        context.strokeStyle = palette[mark.stroke];
        context.lineWidth = 1;
        context.stroke();
      }
      break;
    case 'image':
      context.imageSmoothingEnabled = false;
      context.drawImage(mark.source, mark.x, mark.y, mark.width, mark.height);
      break;
    case 'text':
      context.font = `${mark.weight ?? 400} ${mark.size ?? TEXT_SIZE}px ${FONT}`;
      context.textAlign = mark.anchor === 'middle' ? 'center' : (mark.anchor ?? 'start');
      context.fillStyle = palette[mark.colour];
      context.fillText(mark.text, mark.x, mark.y);
      break;
  }
}
