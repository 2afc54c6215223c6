import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';

/** Stands for every symbol that the training part does not have. */
export const UNKNOWN = '<unknown>';
/** The first input of a generated sequence. */
export const START = '<start>';
/** The label after a generated sequence's last symbol. */
export const END = '<end>';

/** A numbered list of symbols without repetition. */
export class Vocabulary {
  readonly symbols: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
    this.#numbers = new Map(symbols.map((symbol, number) => [symbol, number]));
    if (this.#numbers.size !== symbols.length) {
      const repeated = symbols.find((symbol, number) => this.#numbers.get(symbol) !== number);
      throw new InputError(`the symbol ${show(repeated)} occurs twice in a vocabulary; each must occur once`);
    }
  }

  /** `reserved` first, then every symbol of the sequences in order of code units. */
  static of(sequences: Iterable<Iterable<string>>, reserved: readonly string[] = [UNKNOWN]): Vocabulary {
    const found = new Set<string>();
    for (const sequence of sequences) {
      for (const symbol of sequence) {
        found.add(symbol);
      }
    }
    return new Vocabulary([...reserved, ...[...found].sort()]);
  }

  /** V. */
  get size(): number {
    return this.symbols.length;
  }

  /** The symbol's number, or undefined where it has none. */
  find(symbol: string): number | undefined {
    return this.#numbers.get(symbol);
  }

  /** The numbers of a sequence; symbols that are not in the list get UNKNOWN's. */
  numbers(sequence: Iterable<string>): Int32Array {
    const unknown = this.find(UNKNOWN);
    return Int32Array.from(sequence, (symbol) => {
      const number = this.find(symbol) ?? unknown;
      if (number === undefined) {
        throw new RangeError(`${show(symbol)} is not in a vocabulary without ${UNKNOWN}`);
      }
      return number;
    });
  }

  /**
   * As `numbers`, for what a person gave: throws InputError where a symbol is not in the list. `what`: how messages
   * call a symbol, "character" or "phone".
   */
  numbersOf(sequence: readonly string[], what: string): Int32Array {
    return Int32Array.from(sequence, (symbol, at) => {
      const number = this.find(symbol);
      if (number === undefined || RESERVED.has(symbol)) {
        throw new InputError(
          `${what} ${at + 1} of the input is ${show(symbol)}, which the training data do not have`,
          `It has ${this.#listed()}.`,
        );
      }
      return number;
    });
  }

  /** The symbol with this number. */
  symbol(number: number): string {
    const symbol = this.symbols[number];
    if (symbol === undefined) {
      throw new RangeError(`symbol ${number} of a vocabulary of ${this.size}`);
    }
    return symbol;
  }

  #listed(): string {
    const known = this.symbols.filter((symbol) => !RESERVED.has(symbol)).map((symbol) => show(symbol));
    return known.length <= 100 ? known.join(' ') : `${known.slice(0, 100).join(' ')} and ${known.length - 100} more`;
  }
}

const RESERVED: ReadonlySet<string> = new Set([UNKNOWN, START, END]);
