/**
 * JSON (RFC 8259) from files that people write or that may be damaged: syntax errors name line and column, size and
 * depth are bounded, and a name that occurs twice in an object is an error.
 */
import { InputError } from '../errors.ts';
import type { UnrolledError } from '../errors.ts';
import type { JsonValue } from '../json.ts';

export interface JsonLimits {
  /** Most characters of the text. */
  readonly maxLength?: number;
  /** Most lists and objects within each other. */
  readonly maxDepth?: number;
  /** What is thrown. */
  readonly error?: new (message: string) => UnrolledError;
}

const MAX_LENGTH = 64 * 1024 * 1024;
const MAX_DEPTH = 100;

/** The value of a JSON text. Throws InputError, or `limits.error`, with `sourceName`, line and column. */
export function parseJson(text: string, sourceName: string, limits: JsonLimits = {}): JsonValue {
  return new JsonReader(text, sourceName, limits).read();
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z]+/y;
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const FOUR_HEX_DIGITS = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonReader {
  readonly #text: string;
  readonly #sourceName: string;
  readonly #maxDepth: number;
  readonly #error: new (message: string) => UnrolledError;
  #at = 0;

  constructor(text: string, sourceName: string, limits: JsonLimits) {
    this.#text = text;
    this.#sourceName = sourceName;
    this.#maxDepth = limits.maxDepth ?? MAX_DEPTH;
    this.#error = limits.error ?? InputError;
    const maxLength = limits.maxLength ?? MAX_LENGTH;
    if (text.length > maxLength) {
      throw new this.#error(`${sourceName} has ${text.length} characters; at most ${maxLength} are read`);
    }
  }

  read(): JsonValue {
    if (this.#text.startsWith('\ufeff')) {
      this.#at = 1;
    }
    this.#skipSpace();
    if (this.#at === this.#text.length) {
      this.#fail('there is no value');
    }
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      this.#fail(`${this.#found()} follows the end of the value`);
    }
    return value;
  }

  #value(depth: number): JsonValue {
    const character = this.#text[this.#at];
    if (character === '{' || character === '[') {
      if (depth === this.#maxDepth) {
        this.#fail(`lists and objects lie more than ${this.#maxDepth} deep`);
      }
      return character === '{' ? this.#object(depth + 1) : this.#list(depth + 1);
    }
    if (character === '"') {
      return this.#string();
    }
    const number = this.#match(NUMBER);
    if (number !== undefined) {
      return this.#finite(number);
    }
    const start = this.#at;
    switch (this.#match(WORD)) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      default:
        this.#at = start;
        return this.#fail(`a value was expected, not ${this.#found()}`);
    }
  }

  #finite(number: string): number {
    const value = Number(number);
    if (!Number.isFinite(value)) {
      this.#at -= number.length;
      this.#fail(`the number ${number} is beyond the largest that can be held`);
    }
    return value;
  }

  #object(depth: number): JsonValue {
    const members: Record<string, JsonValue> = {};
    this.#at++;
    this.#skipSpace();
    if (this.#take('}')) {
      return members;
    }
    do {
      this.#skipSpace();
      const start = this.#at;
      if (this.#text[start] !== '"') {
        this.#fail(`a name in double quotes was expected, not ${this.#found()}`);
      }
      const name = this.#string();
      if (Object.hasOwn(members, name)) {
        this.#at = start;
        this.#fail(`the name ${JSON.stringify(name)} occurs twice in one object`);
      }
      this.#skipSpace();
      this.#expect(':');
      this.#skipSpace();
      Object.defineProperty(members, name, {
        value: this.#value(depth),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      this.#skipSpace();
    } while (this.#take(','));
    this.#expect('}', '"," or "}"');
    return members;
  }

  #list(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take(']')) {
      return items;
    }
    do {
      this.#skipSpace();
      items.push(this.#value(depth));
      this.#skipSpace();
    } while (this.#take(','));
    this.#expect(']', '"," or "]"');
    return items;
  }

  #string(): string {
    this.#at++;
    let value = '';
    for (;;) {
      value += this.#match(PLAIN_CHARACTERS) ?? '';
      if (this.#take('"')) {
        return value;
      }
      if (!this.#take('\\')) {
        this.#fail(
          this.#at === this.#text.length
            ? 'the text ends within a string'
            : `${this.#found()} must be written as an escape within a string`,
        );
      }
      value += this.#escape();
    }
  }

  #escape(): string {
    if (this.#take('u')) {
      const digits = this.#match(FOUR_HEX_DIGITS);
      return digits === undefined
        ? this.#fail('four hexadecimal digits must follow \\u')
        : String.fromCharCode(parseInt(digits, 16));
    }
    const character = this.#text[this.#at] ?? '';
    const escaped = Object.hasOwn(ESCAPES, character) ? ESCAPES[character] : undefined;
    if (escaped === undefined) {
      return this.#fail(`${this.#found()} cannot follow a backslash`);
    }
    this.#at++;
    return escaped;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) {
      return false;
    }
    this.#at++;
    return true;
  }

  #expect(character: string, expected = `"${character}"`): void {
    if (!this.#take(character)) {
      this.#fail(`${expected} was expected, not ${this.#found()}`);
    }
  }

  #skipSpace(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
    }
  }

  #found(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code));
  }

  #fail(what: string): never {
    const lines = this.#text.slice(0, this.#at).split(/\r\n|\r|\n/);
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new this.#error(`${this.#sourceName}, line ${lines.length}, column ${column}: ${what}`);
  }
}
