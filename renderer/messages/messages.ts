/**
 * The renderer's own texts, from a catalogue. Texts about tasks, metrics and errors come from the engine and the services
 * as they are.
 */
import en from './en.json' with { type: 'json' };

/** The language of the catalogue; numbers and dates are written in its way. */
export const LOCALE = 'en';

export type MessageKey = keyof typeof en;
/** Texts are put in as they are, numbers in the way of the language. */
export type MessageValues = Readonly<Record<string, string | number>>;

type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 6 });
const plurals = new Intl.PluralRules(LOCALE);

/** The message with its `{places}` filled in. Where it has plural forms, `count` chooses among them. */
export function t(key: MessageKey, values: MessageValues = {}): string {
  return fill(en[key], values);
}

/** As `t`, for keys that are put together from outside values; undefined where the catalogue has no such message. */
export function maybe(key: string, values: MessageValues = {}): string | undefined {
  return Object.hasOwn(en, key) ? fill(en[key as MessageKey], values) : undefined;
}

/** A message with its places filled in. Throws where a place has no value: that is a defect of the caller. */
export function fill(message: Message, values: MessageValues): string {
  const text = typeof message === 'string' ? message : (message[pluralOf(values)] ?? message.other);
  return text.replaceAll(/\{(\w+)\}/gu, (_, place: string) => {
    const value = values[place];
    if (value === undefined) throw new Error(`The message ${JSON.stringify(text)} needs a value for ${place}.`);
    return typeof value === 'number' ? written(value) : value;
  });
}

/** Small whole numbers are most of them, and written the same with and without the way of the language. */
function written(value: number): string {
  return Number.isInteger(value) && value >= 0 && value < 1000 ? String(value) : numbers.format(value);
}

function pluralOf({ count }: MessageValues): Intl.LDMLPluralRule {
  return plurals.select(typeof count === 'number' ? count : 0);
}
