/** How the textbook's quantities are written and spoken. */
import type { Partial, Product, Variable } from '../../../engine/gradients/expansion.ts';

export interface Written {
  readonly letter: string;
  /** Of a gate. */
  readonly sub: string;
  /** "(3)" */
  readonly step: string;
}

const LETTERS: Readonly<Record<string, string>> = { J: 'J', y: 'ŷ', z: 'z', h: 'h', q: 'q', cell: 'c', s: 's' };
const GATES = { input: 'i', forget: 'f', candidate: 'g', output: 'o' } as const;

export function written({ name, step, gate }: Variable): Written {
  return {
    letter: LETTERS[name] ?? name,
    sub: gate === undefined ? '' : GATES[gate],
    step: step === undefined ? '' : `(${step})`,
  };
}

export function inline(variable: Variable): string {
  const { letter, sub, step } = written(variable);
  return `${letter}${sub === '' ? '' : `_${sub}`}${step}`;
}

/** "∂h(3)/∂h(2)" */
export function inlinePartial({ of, by }: Partial): string {
  return `∂${inline(of)}/∂${inline(by)}`;
}

/** "h(4) c(4) c(3)": the states that a single path goes through, from the loss back. */
export function statesOf({ factors }: Product): string {
  return factors.flatMap(({ of }) => (of.name === 'h' || of.name === 'cell' ? [inline(of)] : [])).join(' ');
}

/** Whether a single path goes back through the cell state alone. */
export function throughCellAlone({ factors }: Product): boolean {
  return factors.every(({ of, by }) => !(of.name === 's' && by.name === 'h'));
}

/** An edge of the unrolled graph, drawn at step `step`: u and v there, out from c to h, w and cell into it from before. */
export interface Edge {
  readonly kind: 'u' | 'v' | 'y' | 'w' | 'cell' | 'out';
  readonly step: number;
}

/** The edges that a factor goes along. */
export function edgesOf({ of, by }: Partial): readonly Edge[] {
  const step = of.step ?? 0;
  switch (`${of.name}/${by.name}`) {
    case 'J/y':
    case 'J/z':
    case 'y/z':
      return [{ kind: 'y', step }];
    case 'z/h':
    case 'z/v':
      return [{ kind: 'v', step }];
    case 'z/q':
      return [
        { kind: 'v', step },
        { kind: 'out', step },
      ];
    case 'h/h':
    case 's/h':
    case 's/w':
      return [{ kind: 'w', step }];
    case 'q/q':
      return [
        { kind: 'w', step },
        { kind: 'cell', step },
      ];
    case 'cell/cell':
      return [{ kind: 'cell', step }];
    case 'h/cell':
      return [{ kind: 'out', step }];
    case 's/u':
      return [{ kind: 'u', step }];
    default:
      return [];
  }
}

export function edgeKey({ kind, step }: Edge): string {
  return `${kind}${step}`;
}
