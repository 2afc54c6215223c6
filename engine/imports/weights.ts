/** The numbers of a file of weights as float32, with what became of those that were of another type. */
import { FormatError } from '../errors.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import type { Dtype, SafetensorsFile, Tensor } from '../formats/safetensors.ts';
import type { NamedShape } from './found-model.ts';

/** Tensors of the file whose numbers have another type there. */
export interface Conversion {
  readonly from: 'F16' | 'BF16' | 'F64';
  readonly tensors: number;
  /** Numbers that float32 does not hold exactly; always 0 for F16 and BF16. */
  readonly rounded: number;
}

export interface Weights {
  readonly floats: FloatTensors;
  /** Tensors of whole numbers. */
  readonly others: readonly NamedShape[];
  readonly conversions: readonly Conversion[];
}

/**
 * Throws FormatError where a number is not finite, or too large for float32. Names that the metadata give to a tensor
 * under another name (`{"head.weight": "embedding.weight"}`, as safetensors.torch.save_model writes them) are tensors too.
 */
export function weightsOf({ tensors, dtypes, metadata }: SafetensorsFile, sourceName: string): Weights {
  const floats = new Map<string, Tensor<Float32Array>>();
  const others: NamedShape[] = [];
  const conversions = new Map<Conversion['from'], { tensors: number; rounded: number }>();
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) {
      others.push({ name, shape });
      continue;
    }
    const narrowed = data instanceof Float32Array ? data : Float32Array.from(data);
    requireFinite(name, shape, data, narrowed, sourceName);
    floats.set(name, { shape, data: narrowed });
    const from = convertedFrom(dtypes.get(name), data);
    if (from === undefined) continue;
    const sum = conversions.get(from) ?? { tensors: 0, rounded: 0 };
    conversions.set(from, { tensors: sum.tensors + 1, rounded: sum.rounded + countRounded(data, narrowed) });
  }
  for (const [alias, name] of Object.entries(metadata)) {
    const tensor = floats.get(name);
    if (tensor !== undefined && !tensors.has(alias)) floats.set(alias, tensor);
  }
  return { floats, others, conversions: [...conversions].map(([from, sums]) => ({ from, ...sums })) };
}

function countRounded(data: Float32Array | Float64Array, narrowed: Float32Array): number {
  let rounded = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== narrowed[i]) rounded++;
  return rounded;
}

function convertedFrom(dtype: Dtype | undefined, data: Float32Array | Float64Array): Conversion['from'] | undefined {
  if (data instanceof Float64Array) return 'F64';
  return dtype === 'F16' || dtype === 'BF16' ? dtype : undefined;
}

function requireFinite(
  name: string,
  shape: readonly number[],
  data: Float32Array | Float64Array,
  narrowed: Float32Array,
  sourceName: string,
): void {
  const at = narrowed.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const value = data[at]!;
  const found = Number.isFinite(value) ? `${value}, which is too large for float32` : shownValue(value);
  throw new FormatError(
    `${sourceName}: tensor ${JSON.stringify(name.slice(0, 120))} has ${found} at index [${indexOf(at, shape).join(', ')}]`,
    'A model with such a weight predicts nothing. Save it again from a training step before it diverged.',
  );
}

function shownValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'infinity' : 'minus infinity';
}

/** The index of an element in row-major order. */
function indexOf(at: number, shape: readonly number[]): readonly number[] {
  const index: number[] = [];
  let rest = at;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
