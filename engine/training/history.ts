/** The course of a run: one JSON object a line (https://jsonlines.org), in the order of updates. */
import { FormatError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import type { JsonValue } from '../json.ts';

/** One update, or several averaged, and the evaluation after it where there was one. */
export interface HistoryRecord {
  /** Updates done, this one included. */
  readonly update: number;
  /** Epochs begun, counted from 0. */
  readonly epoch: number;
  /** Mean over counted targets: nats, or squared error in normalised units. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly tokensPerSecond: number;
  /**
   * Seconds that the run has spent in updates so far, without evaluations, pauses and the time that it was closed. null:
   * not known, as of runs from before it was kept, and of those that went on from another's checkpoint.
   */
  readonly seconds: number | null;
  /** By Metric.name; null where the value was not finite. */
  readonly metrics?: Readonly<Record<string, number | null>>;
}

const NUMBERS = ['update', 'epoch', 'loss', 'gradientNorm', 'learningRate', 'tokensPerSecond'] as const;

/** One line, its newline included. */
export function encodeHistoryRecord(record: HistoryRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * The records of a history. A last line without its newline was cut off by the end of its writer and is left out; any
 * other fault is a FormatError that names the line.
 */
export function parseHistory(text: string, sourceName: string): HistoryRecord[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  lines.pop();
  return lines.map((line, i) => {
    const place = `${sourceName}, record ${i + 1}`;
    return toRecord(parseJson(line, place, { error: FormatError }), place);
  });
}

function toRecord(value: JsonValue, place: string): HistoryRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormatError(`${place} is not an object`);
  }
  const fields = value as Readonly<Record<string, JsonValue>>;
  for (const name of NUMBERS) {
    if (typeof fields[name] !== 'number') {
      throw new FormatError(`${place}: ${name} must be a number`);
    }
  }
  const { metrics, seconds = null } = fields;
  if (seconds !== null && typeof seconds !== 'number') {
    throw new FormatError(`${place}: seconds must be a number, or null where they are not known`);
  }
  if (metrics !== undefined && !isMetrics(metrics)) {
    throw new FormatError(`${place}: metrics must be an object of numbers`);
  }
  return { ...fields, seconds } as unknown as HistoryRecord;
}

function isMetrics(value: JsonValue): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((metric) => metric === null || typeof metric === 'number')
  );
}
