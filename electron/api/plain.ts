/**
 * What may pass between the face and the back, by whichever transport: null, booleans, finite numbers, strings, lists,
 * plain objects, and the typed arrays of TYPED_ARRAYS. A field that is undefined is the same as one that is not there.
 */

export const TYPED_ARRAYS = {
  u8: Uint8Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

export type TypedArrayKind = keyof typeof TYPED_ARRAYS;
export type TypedArray = InstanceType<(typeof TYPED_ARRAYS)[TypedArrayKind]>;

/** Lists and objects within each other. */
export const MAXIMUM_DEPTH = 64;
/** Of a path in a sentence: characters of a key, and keys. */
const LONGEST_KEY = 40;
const LONGEST_PATH = 8;

const KINDS = Object.keys(TYPED_ARRAYS) as readonly TypedArrayKind[];

/** The kind of a typed array that may pass; undefined for everything else. */
export function typedArrayKind(value: unknown): TypedArrayKind | undefined {
  return ArrayBuffer.isView(value) ? KINDS.find((kind) => value instanceof TYPED_ARRAYS[kind]) : undefined;
}

/** Why a value may not pass, naming the place in it; undefined where it may. */
export function whyNotPlain(value: unknown): string | undefined {
  const found = findImpure(value, 0);
  if (found === undefined) {
    return undefined;
  }
  const { path, reason } = found;
  return `${path.length === 0 ? 'the value' : `"${shortPath(path.reverse())}"`} ${reason}`;
}

/** Of the keys that lead to a value, what fits into a sentence. */
export function shortPath(path: readonly PropertyKey[]): string {
  const parts = path.map(String).map((part) => (part.length > LONGEST_KEY ? `${part.slice(0, LONGEST_KEY)}...` : part));
  const shown = parts.length > LONGEST_PATH ? [...parts.slice(0, LONGEST_PATH), '...'] : parts;
  return shown.join('.');
}

/**
 * Whether a value holds more than about `limit` bytes: characters of texts and names, bytes of arrays, two for all else.
 * It is looked through no further than that, however often it holds one thing.
 */
export function isHeavy(value: unknown, limit: number): boolean {
  return weigh(value, limit, 0) > limit;
}

/** `limit` or less where the value is that light, otherwise anything above it. */
function weigh(value: unknown, limit: number, depth: number): number {
  if (typeof value === 'string') {
    return value.length;
  }
  if (typeof value !== 'object' || value === null || depth > MAXIMUM_DEPTH) {
    return 2;
  }
  if (ArrayBuffer.isView(value)) {
    return value.byteLength;
  }
  let weight = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && weight <= limit; i++) {
      weight += weigh(value[i], limit - weight, depth + 1);
    }
    return weight;
  }
  for (const key in value) {
    weight += key.length + weigh((value as Readonly<Record<string, unknown>>)[key], limit - weight, depth + 1);
    if (weight > limit) {
      break;
    }
  }
  return weight;
}

interface Impure {
  /** Keys from the inmost outwards, up to the value that was searched. */
  readonly path: (string | number)[];
  readonly reason: string;
}

/** Long lists pass here at every call: nothing is allocated until something is found. */
function findImpure(value: unknown, depth: number): Impure | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : { path: [], reason: `is ${value}, which is not finite` };
    case 'object':
      if (value === null) {
        return undefined;
      }
      return Array.isArray(value) ? findInList(value, depth + 1) : findInObject(value, depth + 1);
    default:
      return { path: [], reason: `is of the type ${typeof value}` };
  }
}

function findInList(list: readonly unknown[], depth: number): Impure | undefined {
  if (depth > MAXIMUM_DEPTH) {
    return tooDeep();
  }
  for (let i = 0; i < list.length; i++) {
    const found = findImpure(list[i], depth);
    if (found !== undefined) {
      found.path.push(i);
      return found;
    }
  }
  return undefined;
}

function findInObject(object: object, depth: number): Impure | undefined {
  if (typedArrayKind(object) !== undefined) {
    return undefined;
  }
  if (!isPlainObject(object)) {
    return { path: [], reason: `is of the kind ${Object.prototype.toString.call(object).slice(8, -1)}` };
  }
  if (depth > MAXIMUM_DEPTH) {
    return tooDeep();
  }
  const members = object as Readonly<Record<string, unknown>>;
  for (const key in members) {
    if (key === '__proto__') {
      return { path: [], reason: 'has a field named "__proto__"' };
    }
    const member = members[key];
    const found = member === undefined ? undefined : findImpure(member, depth);
    if (found !== undefined) {
      found.path.push(key);
      return found;
    }
  }
  return undefined;
}

function tooDeep(): Impure {
  return { path: [], reason: `is more than ${MAXIMUM_DEPTH} lists and objects deep` };
}

/** Objects of other realms (a page's frame, a test's context) have an Object.prototype of their own. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}
