/**
 * Python pickles (protocols 0 to 5: https://docs.python.org/3/library/pickletools.html) of plain values and of what a
 * reader names: nothing is looked up, called or executed. A pickle is a program for a small stack machine; here its
 * instructions build the values below, and every global that the reader does not know ends the reading.
 */
import { FormatError } from '../errors.ts';

/** Tuples and lists are Lists; dictionaries, also ordered ones, are Maps; sets are Lists. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | PickleMap
  | PickleGlobal
  | PickleObject;

export type PickleMap = Map<PickleValue, PickleValue>;

/** A class or function by its name. */
export class PickleGlobal {
  /** "collections.OrderedDict" */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a global gave, or a persistent id: for the reader to understand. */
export class PickleObject {
  readonly kind: string;
  readonly parts: readonly PickleValue[];

  constructor(kind: string, parts: readonly PickleValue[]) {
    this.kind = kind;
    this.parts = parts;
  }
}

export interface PickleRules {
  /** Whether a global may occur. */
  readonly allows: (name: string) => boolean;
  /** Those of them that make dictionaries. */
  readonly dictionaries: ReadonlySet<string>;
}

export interface ReadPickle {
  readonly value: PickleValue;
  /** Where the bytes go on after the pickle. */
  readonly end: number;
}

/** Kind of the objects that persistent ids make. */
export const PERSISTENT = 'persistent id';

const MAX_OPERATIONS = 20_000_000;
const MAX_STACK = 1_000_000;

/** The pickle that begins at `start`. Throws FormatError, beginning with `sourceName`, where it holds anything else. */
export function readPickle(bytes: Uint8Array, start: number, sourceName: string, rules: PickleRules): ReadPickle {
  return new PickleReader(bytes, start, sourceName, rules).read();
}

const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #sourceName: string;
  readonly #rules: PickleRules;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at: number;

  constructor(bytes: Uint8Array, start: number, sourceName: string, rules: PickleRules) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#sourceName = sourceName;
    this.#rules = rules;
    this.#at = start;
  }

  read(): ReadPickle {
    for (let n = 0; n < MAX_OPERATIONS; n++) {
      const place = this.#at;
      const code = this.#byte();
      if (code === 0x2e) {
        const value = this.#pop();
        if (this.#stack.length > 0) this.#fail('values are left on its stack');
        return { value, end: this.#at };
      }
      this.#step(code, place);
      if (this.#stack.length > MAX_STACK) this.#fail(`its stack has more than ${MAX_STACK} values`);
    }
    return this.#fail(`it has more than ${MAX_OPERATIONS} instructions`);
  }

  #step(code: number, place: number): void {
    switch (String.fromCharCode(code)) {
      case '\x80':
        if (this.#byte() > 5) this.#fail('its protocol is newer than 5');
        return;
      case '\x95': // FRAME
        this.#skip(8);
        return;
      case '(':
        this.#push(MARK);
        return;
      case '0': // POP
        if (this.#stack.pop() === undefined) this.#fail('its stack is empty');
        return;
      case '1': // POP_MARK
        this.#popMark();
        return;
      case '2': {
        const top = this.#pop();
        this.#push(top);
        this.#push(top);
        return;
      }
      case 'N':
        this.#push(null);
        return;
      case '\x88':
        this.#push(true);
        return;
      case '\x89':
        this.#push(false);
        return;
      case 'K':
        this.#push(this.#byte());
        return;
      case 'M':
        this.#push(this.#byte() + 256 * this.#byte());
        return;
      case 'J':
        this.#push(this.#view.getInt32(this.#skip(4), true));
        return;
      case '\x8a': // LONG1
        this.#push(this.#long(this.#byte()));
        return;
      case 'G':
        this.#push(this.#view.getFloat64(this.#skip(8)));
        return;
      case 'I':
        this.#push(this.#textInteger());
        return;
      case 'L':
        this.#push(this.#textInteger());
        return;
      case 'F': {
        const text = this.#line();
        const value = Number(text);
        if (text.trim() === '' || Number.isNaN(value)) this.#fail(`${JSON.stringify(text.slice(0, 40))} is no number`);
        this.#push(value);
        return;
      }
      case 'X':
        this.#push(this.#text(this.#length4()));
        return;
      case '\x8c':
        this.#push(this.#text(this.#byte()));
        return;
      case '\x8d':
        this.#push(this.#text(this.#length8()));
        return;
      case 'V':
        this.#push(this.#line());
        return;
      case 'T':
        this.#push(this.#latin1(this.#length4()));
        return;
      case 'U':
        this.#push(this.#latin1(this.#byte()));
        return;
      case 'S': {
        const quoted = /^(['"])([^'"\\]*)\1$/u.exec(this.#line());
        this.#push(quoted?.[2] ?? this.#fail('it has a string with escapes, which are not read'));
        return;
      }
      case 'B':
        this.#push(this.#blob(this.#length4()));
        return;
      case 'C':
        this.#push(this.#blob(this.#byte()));
        return;
      case '\x8e':
        this.#push(this.#blob(this.#length8()));
        return;
      case ')':
        this.#push([]);
        return;
      case ']':
        this.#push([]);
        return;
      case '\x8f': // EMPTY_SET
        this.#push([]);
        return;
      case '}':
        this.#push(new Map());
        return;
      case 't':
      case 'l':
      case '\x91': // FROZENSET
        this.#push(this.#popMark());
        return;
      case 'd': {
        const map: PickleMap = new Map();
        this.#setAll(map, this.#popMark());
        this.#push(map);
        return;
      }
      case '\x85':
        this.#push([this.#pop()]);
        return;
      case '\x86': {
        const second = this.#pop();
        this.#push([this.#pop(), second]);
        return;
      }
      case '\x87': {
        const third = this.#pop();
        const second = this.#pop();
        this.#push([this.#pop(), second, third]);
        return;
      }
      case 'a': {
        const value = this.#pop();
        this.#list().push(value);
        return;
      }
      case 'e':
      case '\x90': {
        // APPENDS, ADDITEMS
        const values = this.#popMark();
        const list = this.#list();
        for (const value of values) list.push(value);
        return;
      }
      case 's': {
        const value = this.#pop();
        const key = this.#pop();
        this.#setAll(this.#top(), [key, value]);
        return;
      }
      case 'u': {
        const values = this.#popMark();
        this.#setAll(this.#top(), values);
        return;
      }
      case 'q':
        this.#memo.set(this.#byte(), this.#top());
        return;
      case 'r':
        this.#memo.set(this.#length4(), this.#top());
        return;
      case 'p':
        this.#memo.set(this.#number(this.#line()), this.#top());
        return;
      case '\x94':
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 'h':
        this.#push(this.#recall(this.#byte()));
        return;
      case 'j':
        this.#push(this.#recall(this.#length4()));
        return;
      case 'g':
        this.#push(this.#recall(this.#number(this.#line())));
        return;
      case 'c':
        this.#push(this.#global(this.#line(), this.#line()));
        return;
      case '\x93': {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string')
          return this.#fail('the name of a global is no text');
        this.#push(this.#global(module, name));
        return;
      }
      case 'R':
      case '\x81': {
        const parts = this.#pop();
        const callable = this.#pop();
        if (!(callable instanceof PickleGlobal) || !Array.isArray(parts))
          return this.#fail('it calls what is no global');
        this.#push(this.#make(callable.name, parts as readonly PickleValue[]));
        return;
      }
      case 'b': // BUILD: attributes, which plain values do not have.
        this.#pop();
        this.#top();
        return;
      case 'Q':
        this.#push(new PickleObject(PERSISTENT, [this.#pop()]));
        return;
      default:
        this.#fail(`byte ${place} is the instruction 0x${code.toString(16).padStart(2, '0')}, which is not read`);
    }
  }

  #global(module: string, name: string): PickleGlobal {
    const full = `${module}.${name}`;
    if (!this.#rules.allows(full)) {
      throw new FormatError(
        `${this.#sourceName} holds a Python object of ${JSON.stringify(full.slice(0, 100))}; ` +
          'only tensors and plain values are read, and nothing in it is run',
      );
    }
    return new PickleGlobal(full);
  }

  #make(name: string, parts: readonly PickleValue[]): PickleValue {
    if (!this.#rules.dictionaries.has(name)) return new PickleObject(name, parts);
    const map: PickleMap = new Map();
    const given = parts.find((part) => part instanceof Map || Array.isArray(part));
    if (given instanceof Map) for (const [key, value] of given) map.set(key, value);
    else if (Array.isArray(given)) {
      for (const pair of given as readonly PickleValue[]) {
        if (!Array.isArray(pair) || pair.length !== 2)
          return this.#fail('a dictionary is made of something else than pairs');
        map.set(pair[0] as PickleValue, pair[1] as PickleValue);
      }
    }
    return map;
  }

  #setAll(target: PickleValue, values: readonly PickleValue[]): void {
    // Objects with items of their own are not understood, so that theirs do not matter.
    if (target instanceof PickleObject) return;
    if (!(target instanceof Map)) return this.#fail('items are set where there is no dictionary');
    if (values.length % 2 !== 0) return this.#fail('a dictionary has a key without a value');
    for (let i = 0; i < values.length; i += 2) target.set(values[i]!, values[i + 1]!);
  }

  #list(): PickleValue[] {
    const list = this.#top();
    return Array.isArray(list) ? (list as PickleValue[]) : this.#fail('values are appended where there is no list');
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    return value === undefined ? this.#fail(`its memo ${index} was never written`) : value;
  }

  #push(value: Slot): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    return value === undefined || value === MARK ? this.#fail('its stack is empty') : value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined || value === MARK ? this.#fail('its stack is empty') : value;
  }

  #popMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#fail('its stack has no mark');
    const values = this.#stack.splice(mark + 1) as PickleValue[];
    this.#stack.pop();
    return values;
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  /** Returns where the skipped bytes begin. */
  #skip(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) this.#fail('it ends too early');
    this.#at += count;
    return start;
  }

  #length4(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  #length8(): number {
    const length = this.#view.getBigUint64(this.#skip(8), true);
    return length > BigInt(this.#bytes.length) ? this.#fail('it ends too early') : Number(length);
  }

  #blob(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #text(length: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#blob(length));
    } catch {
      return this.#fail('a text in it is not UTF-8');
    }
  }

  #latin1(length: number): string {
    return new TextDecoder('latin1').decode(this.#blob(length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0 || end - this.#at > 1000) this.#fail('a line in it has no end');
    const text = this.#latin1(end - this.#at);
    this.#at = end + 1;
    return text;
  }

  #number(text: string): number {
    return /^\d{1,9}$/u.test(text) ? Number(text) : this.#fail(`${JSON.stringify(text.slice(0, 40))} is no number`);
  }

  /** Protocol 0 writes truth as 00 and 01. */
  #textInteger(): boolean | number | bigint {
    const text = this.#line();
    if (text === '00' || text === '01') return text === '01';
    if (!/^-?\d{1,400}L?$/u.test(text)) this.#fail(`${JSON.stringify(text.slice(0, 40))} is no whole number`);
    return plain(BigInt(text.replace('L', '')));
  }

  /** Two's complement, little-endian. */
  #long(length: number): number | bigint {
    const start = this.#skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]!);
    return plain(length === 0 ? 0n : BigInt.asIntN(length * 8, value));
  }

  #fail(why: string): never {
    throw new FormatError(`${this.#sourceName} is no pickle that can be read: ${why}`);
  }
}

function plain(value: bigint): number | bigint {
  return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
}
