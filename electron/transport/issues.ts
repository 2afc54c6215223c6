/** A schema's complaint as a sentence's part: the field, its value and what would be right. */
import type * as v from 'valibot';
import { shortPath } from '../api/plain.ts';

/** `"points" is 5; it must be at least 10`. Without a full stop. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = shortPath(issue.path?.map((item) => item.key as PropertyKey) ?? []);
  const field = path === '' ? 'the value' : `"${path}"`;
  if (issue.expected === 'never') {
    return `${field} is not a known field`;
  }
  const key = issue.path?.at(-1)?.key;
  if (issue.received === 'undefined' && (path === '' || issue.expected === `"${String(key)}"`)) {
    return `${field} is missing`;
  }
  return `${field} is ${show(issue.input)}; it must be ${requirement(issue)}`;
}

function requirement(issue: v.BaseIssue<unknown>): string {
  const limit = String(issue.requirement);
  switch (issue.type) {
    case 'min_value':
      return `at least ${limit}`;
    case 'max_value':
      return `at most ${limit}`;
    case 'min_length':
      return `at least ${limit} long`;
    case 'max_length':
      return `at most ${limit} long`;
    case 'safe_integer':
      return 'a whole number';
    case 'regex':
      return `such that ${issue.message}`;
    default:
      return KINDS.get(issue.expected ?? '') ?? issue.expected ?? 'another value';
  }
}

/** Valibot's names of kinds of values, in words. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['Object', 'an object'],
  ['Array', 'a list'],
]);

/** At most 60 characters of it. */
function show(value: unknown): string {
  let text: string;
  switch (typeof value) {
    case 'string':
      text = JSON.stringify(value.slice(0, 60));
      break;
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      text = String(value);
      break;
    case 'function':
    case 'symbol':
      text = `a ${typeof value}`;
      break;
    default:
      text = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a value of the kind ${kindOf(value)}`;
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
