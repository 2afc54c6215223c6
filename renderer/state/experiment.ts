/**
 * Experiments as the face handles them: JSON that the back has checked, read and changed by paths such as
 * "training.optimizer.learningRate".
 */
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { FORMAT, parseExperiment, VERSION } from '../../engine/experiment/schema.ts';

/** An experiment that the back has given: it is complete. */
export function readExperiment(json: unknown): Experiment {
  return json as Experiment;
}

/** The member at a path; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
          ? (inner as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );
}

/** A copy with the member at a path set, or, where `member` is undefined, left out. */
export function withMember<T>(value: T, path: string, member: unknown): T {
  const [name = '', ...rest] = path.split('.');
  const object = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const inner = rest.length === 0 ? member : withMember(object[name], rest.join('.'), member);
  const { [name]: _, ...others } = object;
  // Members keep their order.
  const entries = Object.keys(object).map((key) => [key, key === name ? inner : others[key]] as const);
  if (!Object.hasOwn(object, name)) entries.push([name, inner]);
  return Object.fromEntries(entries.filter(([, kept]) => kept !== undefined)) as T;
}

/**
 * A copy in which the sections "model" and "training" have their defaults, each where it is valid: another architecture,
 * optimizer or schedule has members that the one before did not have.
 */
export function withDefaults(experiment: Experiment): Experiment {
  const header = { format: FORMAT, version: VERSION, task: { id: 'any' } };
  // With sections that are valid beside any other: what is wrong elsewhere does not matter here.
  const model = parsed({ ...header, model: experiment.model, training: { updates: 1 } })?.model;
  const anyModel = { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 1 };
  const training = parsed({ ...header, model: anyModel, training: experiment.training })?.training;
  return { ...experiment, model: model ?? experiment.model, training: training ?? experiment.training };
}

function parsed(json: unknown): Experiment | undefined {
  try {
    return parseExperiment(json);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Every plain member by its path, in order. What only names or labels an experiment is left out. */
export function flatten(value: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (inner: unknown, path: string): void => {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [name, member] of Object.entries(inner)) visit(member, path === '' ? name : `${path}.${name}`);
    } else if (!NOT_COMPARED.has(path)) {
      found.set(path, inner);
    }
  };
  visit(value, '');
  return found;
}

/** Paths that only name or label an experiment. */
export const NOT_COMPARED: ReadonlySet<string> = new Set(['format', 'version', 'name']);

export { modelName } from '../../engine/experiment/run-name.ts';
