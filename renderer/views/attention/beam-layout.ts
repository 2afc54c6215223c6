/** A beam's branches from left to right: a column for each step, the most probable branch of a step on top. */
import type { Branch } from '../../worker/translations.ts';

export interface PlacedBranch {
  readonly branch: Branch;
  /** Its place in the list. */
  readonly index: number;
  readonly column: number;
  readonly row: number;
}

export interface BeamLayout {
  readonly placed: readonly PlacedBranch[];
  readonly columns: number;
  readonly rows: number;
}

export function layoutBeam(branches: readonly Branch[]): BeamLayout {
  const columns: number[][] = [];
  branches.forEach(({ path }, index) => (columns[path.length - 1] ??= []).push(index));
  const rows = new Map<number, number>();
  for (const column of columns) {
    const ordered = column.toSorted((a, b) => branches[b]!.logProbability - branches[a]!.logProbability || a - b);
    ordered.forEach((index, row) => rows.set(index, row));
  }
  return {
    placed: branches.map((branch, index) => ({
      branch,
      index,
      column: branch.path.length - 1,
      row: rows.get(index) ?? 0,
    })),
    columns: columns.length,
    rows: Math.max(0, ...columns.map((column) => column.length)),
  };
}
