/**
 * Numbers in words, by CLDR's rules for them (rule-based number formats, Unicode Technical Standard 35, part 3): sets of
 * rules by name, each rule with a base value, the smallest number it is for, and a text with substitutions.
 *
 *     ←%set←   the number divided by the rule's divisor, in words by that set (←←: by this one)
 *     →%set→   the rest of that division (→→: by this set)
 *     =%set=   the number itself
 *     [...]    left out where there is no rest
 *
 * A rule's divisor is the largest power of its radix ("80/20": 20, otherwise 10) that its base value holds.
 */
import { FormatError } from '../../errors.ts';
import { show } from '../../experiment/fields.ts';

export interface SpelloutLanguage {
  /** In English: "German". */
  readonly name: string;
  /** The set that numbers are written by. */
  readonly start: string;
  /** By name: [base value, text], ascending. */
  readonly rules: Readonly<Record<string, readonly (readonly [base: string, text: string])[]>>;
}

/** Numbers up to this one are written; rules for larger ones, for fractions and negative numbers are left out. */
export const LARGEST_SPELT = 999_999;

interface Rule {
  readonly base: number;
  readonly divisor: number;
  readonly parts: readonly Part[];
  /** Has a →. */
  readonly usesRest: boolean;
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'quotient' | 'rest' | 'same'; readonly set: string }
  | { readonly kind: 'optional'; readonly parts: readonly Part[] };

/** Writes whole numbers in one language. Throws FormatError where a rule has what is not known here. */
export class Speller {
  readonly #language: SpelloutLanguage;
  readonly #sets = new Map<string, readonly Rule[]>();

  constructor(language: SpelloutLanguage) {
    this.#language = language;
  }

  /** 0 to LARGEST_SPELT. */
  spell(number: number): string {
    if (!Number.isInteger(number) || number < 0 || number > LARGEST_SPELT) {
      throw new RangeError(`${number} in words; numbers from 0 to ${LARGEST_SPELT} are written`);
    }
    // Soft hyphens only say where a line may be broken.
    return this.#spell(number, this.#language.start).replaceAll('\u00ad', '').normalize('NFC');
  }

  #spell(number: number, set: string): string {
    const rules = this.#rulesOf(set);
    let at = rules.findLastIndex(({ base }) => base <= number);
    const chosen = rules[at];
    if (chosen === undefined) throw this.#wrong(`its rules ${set} have none for ${number}`);
    // "cento e →→" for 101 on would leave a loose end at 200: there the rule before it holds.
    if (chosen.usesRest && chosen.base % chosen.divisor !== 0 && number % chosen.divisor === 0 && at > 0) at--;
    const rule = rules[at]!;
    return this.#write(rule.parts, rule, number);
  }

  #write(parts: readonly Part[], rule: Rule, number: number): string {
    const { divisor } = rule;
    return parts
      .map((part) => {
        switch (part.kind) {
          case 'text':
            return part.text;
          case 'quotient':
            return this.#spell(Math.floor(number / divisor), part.set);
          case 'rest':
            return this.#spell(number % divisor, part.set);
          case 'same':
            return this.#spell(number, part.set);
          case 'optional':
            return number % divisor === 0 ? '' : this.#write(part.parts, rule, number);
        }
      })
      .join('');
  }

  #rulesOf(set: string): readonly Rule[] {
    const known = this.#sets.get(set);
    if (known !== undefined) return known;
    const given = this.#language.rules[set];
    if (given === undefined) throw this.#wrong(`it has no rules ${set}`);
    const rules = given
      .map(([base, text]) => ({ base: /^(\d+)(?:\/(\d+))?$/u.exec(base), text }))
      .flatMap(({ base, text }) =>
        base === null || Number(base[1]) > LARGEST_SPELT
          ? []
          : this.#rule(Number(base[1]), Number(base[2] ?? 10), text, set),
      );
    this.#sets.set(set, rules);
    return rules;
  }

  #rule(base: number, radix: number, text: string, set: string): Rule {
    let divisor = 1;
    while (divisor * radix <= base) divisor *= radix;
    const written = text.replace(/;$/u, '').replace(/^'/u, '');
    const parts = this.#parts(written, set);
    return { base, divisor, parts, usesRest: written.includes('→') };
  }

  #parts(text: string, set: string): readonly Part[] {
    const parts: Part[] = [];
    const pattern = /\[([^\]]*)\]|([←→=])(%%?[a-z0-9-]+)?\2|([^[\]←→=]+)/guy;
    let end = 0;
    for (const [all, optional, arrow, named, plain] of text.matchAll(pattern)) {
      end += all.length;
      if (plain !== undefined) {
        if (plain.includes('$('))
          throw this.#wrong(`the rule ${show(text)} of ${set} chooses by plural, which is not known here`);
        parts.push({ kind: 'text', text: plain });
      } else if (optional !== undefined) {
        parts.push({ kind: 'optional', parts: this.#parts(optional, set) });
      } else {
        const kind = arrow === '←' ? 'quotient' : arrow === '→' ? 'rest' : 'same';
        parts.push({ kind, set: named ?? set });
      }
    }
    if (end !== text.length) throw this.#wrong(`the rule ${show(text)} of ${set} cannot be read`);
    return parts;
  }

  #wrong(what: string): FormatError {
    return new FormatError(`${this.#language.name} cannot be spelt: ${what}`);
  }
}
