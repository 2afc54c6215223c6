/**
 * What a person changes of a sequence that a model reads: the symbol, or one number, of a step. Written as text, where
 * steps and inputs count from 1:
 *
 *     4="T"; 9=0.5; 12:2=-1
 *
 * is: step 4 is the symbol T; the first number of step 9 is 0.5, the second of step 12 is -1. What the model should answer
 * stays what it was.
 */
import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import { parseJson } from '../formats/json.ts';
import type { Example } from '../tasks/examples.ts';
import type { TaskInput } from '../tasks/task.ts';

export interface Edit {
  /** From 0. */
  readonly step: number;
  /** Of a sequence of numbers: which of a step's, from 0. */
  readonly input: number;
  /** A symbol as the task writes it, or a number. */
  readonly value: string | number;
}

const PART = /\s*(\d{1,7})(?::(\d{1,4}))?=("(?:[^"\\]|\\.)*"|[^;"]+)\s*(?:;|$)/uy;
/** Most edits in one text. */
const MOST = 200;
/** Largest number that anything is changed to. */
const LARGEST = 1e6;

/** Throws InputError that names the edit and what would be right. Steps may go beyond the sequence: it may be another. */
export function parseEdits(text: string, input: TaskInput): readonly Edit[] {
  const edits: Edit[] = [];
  for (let at = 0; text.slice(at).trim() !== '';) {
    PART.lastIndex = at;
    const found = PART.exec(text);
    if (!found) throw notUnderstood(text.slice(at));
    at = PART.lastIndex;
    const [whole, stepText = '', inputText = '1', valueText = ''] = found;
    const step = Number(stepText) - 1;
    const which = Number(inputText) - 1;
    if (step < 0 || which < 0) throw notUnderstood(whole);
    edits.push({ step, input: which, value: valueOf(whole, valueText.trim(), which, input) });
    if (edits.length > MOST) throw new InputError(`more than ${MOST} changes of the input were given`);
  }
  return edits;
}

function valueOf(whole: string, text: string, which: number, input: TaskInput): string | number {
  const fail = (why: string): never => {
    throw new InputError(`the change ${show(whole.trim())} ${why}`);
  };
  if (input.kind === 'tokens') {
    const symbol = text.startsWith('"') ? parseJson(text, 'a changed symbol') : text;
    if (typeof symbol !== 'string' || !input.symbols.includes(symbol)) {
      return fail(`reads ${show(symbol)}, which is none of the symbols that the model knows`);
    }
    return symbol;
  }
  if (which >= input.names.length) fail(`names number ${which + 1} of a step that has ${input.names.length}`);
  const value = Number(text);
  if (text === '' || !(Math.abs(value) <= LARGEST)) fail(`reads ${show(text)}, which is no number from -1e6 to 1e6`);
  return value;
}

function notUnderstood(text: string): InputError {
  return new InputError(`the change ${show(text.trim())} is not understood; one reads like 4="T", 9=0.5 or 12:2=-1`);
}

/** The text that `parseEdits` reads. */
export function formatEdits(edits: readonly Edit[]): string {
  return edits
    .map(({ step, input, value }) => {
      const written = typeof value === 'string' ? JSON.stringify(value) : String(value);
      return `${step + 1}${input > 0 ? `:${input + 1}` : ''}=${written}`;
    })
    .join('; ');
}

/** The sequence with its changes, its targets as they were; itself where nothing of it changes. */
export function applyEdits(example: Example, edits: readonly Edit[], input: TaskInput): Example {
  const within = edits.filter(({ step }) => step < example.steps);
  if (within.length === 0) return example;
  if (input.kind === 'tokens') {
    const tokens = Int32Array.from(example.tokens ?? []);
    for (const { step, value } of within) tokens[step] = input.symbols.indexOf(String(value));
    return { ...example, tokens };
  }
  const values = Float32Array.from(example.values ?? []);
  for (const { step, input: which, value } of within) values[step * input.names.length + which] = Number(value);
  return { ...example, values };
}
