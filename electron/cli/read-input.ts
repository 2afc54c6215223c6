/** What a command is told to read: a file, "-" for standard input, or JSON itself. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseJson } from '../../engine/formats/json.ts';
import type { JsonValue } from '../../engine/json.ts';
import { fileError, requireRegularFile } from '../runs/files.ts';

/** JSON itself begins with a quotation mark or a bracket. Throws where the file or the JSON is not right. */
export async function readInput(input: string): Promise<JsonValue> {
  if (input === '-') {
    return parseJson(await text(process.stdin), 'standard input');
  }
  if (/^\s*["[{]/.test(input)) {
    return parseJson(input, '--input');
  }
  requireRegularFile(input);
  try {
    return parseJson(readFileSync(input, 'utf8'), input);
  } catch (error) {
    throw fileError(error, 'read', input);
  }
}
