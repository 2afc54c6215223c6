/**
 * Formulas as trees of MathML elements, from the engine's expressions: as they are, and with numbers put in. Presentation
 * only; Formula.svelte draws them, so that no markup is ever put together from texts.
 */
import type { DotTerm, Expression, Operand, QuantitySymbol } from '../../engine/explain/quantity.ts';
import { fixed } from '../format.ts';

export interface MathNode {
  readonly tag: 'mrow' | 'mi' | 'mn' | 'mo' | 'msub' | 'mfrac' | 'mtext';
  readonly text?: string;
  readonly children?: readonly MathNode[];
}

const row = (...children: readonly MathNode[]): MathNode => ({ tag: 'mrow', children });
const letter = (text: string): MathNode => ({ tag: 'mi', text });
const number = (text: string): MathNode => ({ tag: 'mn', text });
const sign = (text: string): MathNode => ({ tag: 'mo', text });

/** Terms of a dot product that are written out, the largest. */
const TERMS_SHOWN = 3;
/** Of a softmax. */
const POWERS_SHOWN = 2;
const DOTS: MathNode = { tag: 'mtext', text: '\u2026' };
const NAMES = { sigmoid: '\u03c3', tanh: 'tanh', relu: 'relu', gelu: 'gelu' } as const;

/** "f_5(3)", "U_f,5,12" */
export function symbolNode({ letter: text, gate, index, step }: QuantitySymbol): MathNode {
  const below = [gate, index].filter((part) => part !== undefined && part !== '').join(', ');
  const base = below === '' ? letter(text) : { tag: 'msub' as const, children: [letter(text), row(letter(below))] };
  return step === undefined ? base : row(base, sign('('), number(String(step)), sign(')'));
}

/** "f_5(3)" where a screen reader or a title needs one line. */
export function symbolText({ letter: text, gate, index, step }: QuantitySymbol): string {
  const below = [gate, index].filter((part) => part !== undefined && part !== '').join(', ');
  return `${text}${below === '' ? '' : ` ${below}`}${step === undefined ? '' : ` (${step})`}`;
}

/** The formula in symbols, or with the operands' values in their places. */
export function formulaNode(expression: Expression, operands: readonly Operand[], numbers: boolean): MathNode {
  const byKey = new Map(operands.map((operand) => [operand.key, operand]));
  const leaf = (key: string): MathNode => {
    const operand = byKey.get(key);
    if (operand === undefined) return letter('?');
    return numbers ? valueNode(operand.value) : symbolNode(operand.symbol);
  };
  const visit = (inner: Expression): MathNode => {
    switch (inner.kind) {
      case 'quantity':
        return leaf(inner.key);
      case 'number':
        return number(Number.isInteger(inner.value) ? String(inner.value) : fixed(inner.value));
      case 'sum':
        return row(
          ...inner.terms.flatMap((term, i) => (i === 0 ? [visit(term)] : [sign('+'), bracketed(visit(term), numbers)])),
        );
      case 'difference':
        return row(visit(inner.from), sign('\u2212'), bracketed(visit(inner.take), numbers));
      case 'product':
        return row(
          ...inner.factors.flatMap((factor, i) =>
            i === 0 ? [visit(factor)] : [sign('\u00b7'), bracketed(visit(factor), numbers)],
          ),
        );
      case 'quotient':
        return { tag: 'mfrac', children: [visit(inner.dividend), visit(inner.divisor)] };
      case 'root':
        // Fonts without mathematics have no sign that grows with what is under it.
        return row(sign('\u221a'), sign('('), visit(inner.argument), sign(')'));
      case 'softmax': {
        const power = (key: string): MathNode => row(letter('exp'), sign('('), leaf(key), sign(')'));
        const shown = numbers
          ? largestOf(inner.among, (key) => byKey.get(key)?.value ?? NaN)
          : inner.among.slice(0, POWERS_SHOWN);
        const rest = inner.among.length > shown.length ? [sign('+'), DOTS] : [];
        const sum = shown.flatMap((key, i) => (i === 0 ? [power(key)] : [sign('+'), power(key)]));
        return { tag: 'mfrac', children: [power(inner.key), row(...sum, ...rest)] };
      }
      case 'squash':
        return row({ tag: 'mi', text: NAMES[inner.squash] }, sign('('), visit(inner.argument), sign(')'));
      case 'dot':
        return numbers
          ? dotNode(inner.terms, byKey)
          : row(symbolNode(inner.matrix), sign('\u2009'), symbolNode(inner.vector));
    }
  };
  return visit(expression);
}

export function valueNode(value: number): MathNode {
  return number(fixed(value));
}

/** The terms of a product of a row and a vector, the largest first. */
export function largestTerms(
  terms: readonly DotTerm[],
  valueOf: (key: string) => number,
): readonly (DotTerm & { readonly product: number })[] {
  return terms
    .map((term) => ({ ...term, product: valueOf(term.weight) * valueOf(term.value) }))
    .sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
}

/** The keys of the largest values. */
function largestOf(keys: readonly string[], valueOf: (key: string) => number): readonly string[] {
  return [...keys].sort((a, b) => valueOf(b) - valueOf(a)).slice(0, POWERS_SHOWN);
}

function dotNode(terms: readonly DotTerm[], byKey: ReadonlyMap<string, Operand>): MathNode {
  const valueOf = (key: string): number => byKey.get(key)?.value ?? NaN;
  const largest = largestTerms(terms, valueOf).slice(0, TERMS_SHOWN);
  const shown = largest.flatMap(({ weight, value }, i) => {
    const product = row(valueNode(valueOf(weight)), sign('\u00b7'), bracketed(valueNode(valueOf(value)), true));
    return i === 0 ? [product] : [sign('+'), product];
  });
  return row(...shown, ...(terms.length > TERMS_SHOWN ? [sign('+'), DOTS] : []));
}

/** A negative number behind a sign is put in brackets. */
function bracketed(node: MathNode, numbers: boolean): MathNode {
  const negative = numbers && node.tag === 'mn' && node.text?.startsWith('\u2212') === true;
  return negative ? row(sign('('), node, sign(')')) : node;
}
