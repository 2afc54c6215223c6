/** A checkpoint of a run: what the page and its worker call a model. */
export interface ModelKey {
  readonly run: string;
  readonly update: number;
}

/** Code of the error where a model has made room for others. */
export const NOT_OPEN = 'not-open';

export function keyText({ run, update }: ModelKey): string {
  return `${run}@${update}`;
}
