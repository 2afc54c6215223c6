import { FormatError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { show } from '../../engine/experiment/fields.ts';
import { experimentToJson } from '../../engine/experiment/schema.ts';
import type { JsonValue } from '../../engine/json.ts';

/** Throws FormatError where a checkpoint is of another experiment than the one it is to be used for. */
export function requireSameExperiment(
  checkpoint: Experiment,
  checkpointName: string,
  wanted: Experiment,
  wantedName: string,
): void {
  const found = firstDifference(experimentToJson(checkpoint), experimentToJson(wanted), []);
  if (found) {
    const { path, values } = found;
    const model = path.startsWith('model.');
    throw new FormatError(
      `${checkpointName} belongs to ${model ? 'a model of another architecture' : 'another experiment'}: ` +
        `its ${path} is ${show(values[0])}, in ${wantedName} it is ${show(values[1])}`,
      'a run goes on with the experiment it was begun with; train another one into a folder of its own',
    );
  }
}

interface Difference {
  readonly path: string;
  readonly values: readonly [JsonValue | undefined, JsonValue | undefined];
}

/** Depth first, in the order of the members of `a`, then those that only `b` has. */
function firstDifference(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: readonly string[],
): Difference | undefined {
  if (!isObject(a) || !isObject(b)) {
    return JSON.stringify(a) === JSON.stringify(b) ? undefined : { path: path.join('.'), values: [a, b] };
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[name], b[name], [...path, name]);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function isObject(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
