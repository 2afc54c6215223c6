/** Moving a cursor over a grid of cells by key. */

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from a cell; undefined where it is none that moves. */
export function moveBy(key: string, from: Cell, rows: number, columns: number): Cell | undefined {
  const to = (row: number, column: number): Cell => ({
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  const { row, column } = from;
  switch (key) {
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowDown':
      return to(row + 1, column);
    case 'Home':
      return to(row, 0);
    case 'End':
      return to(row, columns - 1);
    case 'PageUp':
      return to(row - 10, column);
    case 'PageDown':
      return to(row + 10, column);
    default:
      return undefined;
  }
}
