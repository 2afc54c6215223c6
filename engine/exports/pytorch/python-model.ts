/** What the generated Python file is put together from. */
import type { ModelSpec } from '../../models/spec.ts';

/** Lines of Python without line ends. */
export type Lines = readonly string[];

/** What depends on the model in the generated Python file. */
export interface PythonModel {
  /** Functions and classes, the last of which is called Model. */
  readonly definitions: readonly Lines[];
  /** Inside `main`: from `model` and `example` to `y` and `want`; of a translator `same` too, whether it writes what is stored. */
  readonly check: Lines;
}

/** Of the class Model, by what it takes. */
export const INPUT_NOTES = {
  tokens: 'tokens: int64 [time, batch], numbers of symbols (metadata["task"]["vocabulary"]).',
  values: 'values: float32 [time, batch, numbers], normalised as metadata["task"] says.',
} as const;

/** Lines of a text that is written as it will stand. */
export function block(text: string): Lines {
  return text.trim().split('\n');
}

/** One definition after the other, with the two empty lines that Python's style has between them. */
export function joinedDefinitions(definitions: readonly Lines[]): string {
  return `${definitions.map((lines) => lines.join('\n')).join('\n\n\n')}\n`;
}

export function pythonBoolean(value: boolean): string {
  return value ? 'True' : 'False';
}

export const PADDING = block(`
def padding_of(lengths, x):
    """Which steps of x [time, batch, ...] are behind the end of their sequence: [batch, time]."""
    if lengths is None:
        return None
    return torch.arange(len(x), device=x.device) >= lengths.to(x.device).unsqueeze(1)
`);

/** The check of a model that gives outputs for one input. */
export function outputCheck({ input, output }: ModelSpec, call: string): Lines {
  return [
    input.kind === 'tokens'
      ? '        x = torch.tensor(example["tokens"]).reshape(-1, 1)'
      : `        x = torch.tensor(example["values"], dtype=torch.float32).reshape(-1, 1, ${input.width})`,
    `        y = ${call}${output.kind === 'labels' ? '.softmax(-1)' : ''}`,
    '        want = torch.tensor(example["outputs"])',
  ];
}
