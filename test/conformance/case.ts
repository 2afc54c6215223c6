/**
 * The format of golden cases: inputs, parameters and settings of one operation with the results and gradients it must
 * give. Tensors are row-major, sequences time-major [T, B, C]. The loss of a case is the sum over its outputs of
 * sum(output * upstream); `grads` holds its gradients with respect to inputs and parameters.
 */
import * as v from 'valibot';
import { InputError } from '../../engine/errors.ts';
import type { JsonValue } from '../../engine/json.ts';

const INT32_LIMIT = 2 ** 31;

const ShapeSchema = v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const ConfigValueSchema: v.GenericSchema<JsonValue> = v.lazy(() =>
  v.union([
    v.null(),
    v.boolean(),
    v.number(),
    v.string(),
    v.array(ConfigValueSchema),
    v.record(v.string(), ConfigValueSchema),
  ]),
);
const TensorSchema = v.pipe(
  v.strictObject({
    shape: ShapeSchema,
    dtype: v.picklist(['f32', 'i32']),
    data: v.array(v.pipe(v.number(), v.finite())),
  }),
  v.check(
    (tensor) => tensor.data.length === sizeOf(tensor.shape),
    (issue) => `${issue.input.data.length} values do not fill the shape [${issue.input.shape.join(', ')}]`,
  ),
  v.check(
    (tensor) => tensor.dtype === 'f32' || tensor.data.every(isInt32),
    'an i32 tensor holds a value that is not a 32-bit integer',
  ),
);
const TensorsSchema = v.record(v.string(), TensorSchema);
const CaseSchema = v.object({
  name: v.pipe(v.string(), v.nonEmpty()),
  op: v.pipe(v.string(), v.nonEmpty()),
  config: v.optional(v.record(v.string(), ConfigValueSchema), {}),
  inputs: v.optional(TensorsSchema, {}),
  params: v.optional(TensorsSchema, {}),
  outputs: v.pipe(
    TensorsSchema,
    v.check((outputs) => Object.keys(outputs).length > 0, 'a case must expect at least one output'),
  ),
  upstream: v.optional(TensorsSchema, {}),
  grads: v.optional(TensorsSchema, {}),
});

export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: 'f32' | 'i32';
  readonly data: readonly number[];
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly inputs: Tensors;
  readonly params: Tensors;
  readonly outputs: Tensors;
  readonly upstream: Tensors;
  readonly grads: Tensors;
}

/** A case from the text of its file. Throws InputError naming the file and the field. */
export function parseCase(text: string, source: string): GoldenCase {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${source}: not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const result = v.safeParse(CaseSchema, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(`${source}: ${v.getDotPath(issue) ?? 'the case'}: ${issue.message}.`);
}

/** The number of elements of a shape; 1 for []. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -INT32_LIMIT && value < INT32_LIMIT;
}
