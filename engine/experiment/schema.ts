import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import type { JsonValue } from '../json.ts';
import type { Experiment } from './experiment.ts';
import { completeModel, model } from './model-schema.ts';
import { numberAbove, numberBelow, numberFrom, oneKindOf, section, show, text, truth, wholeNumber } from './fields.ts';

export const FORMAT = 'unrolled-experiment';
export const VERSION = 1;

const task = v.objectWithRest(
  { id: text(100) },
  v.custom<JsonValue>(isJson, 'is not a value that JSON can carry'),
  (issue) => (issue.expected === 'Object' ? `is ${show(issue.input)}; it must be an object` : 'is missing'),
);

const learningRate = numberAbove(0, 100);
const weightDecay = v.optional(numberFrom(0, 10), 0);
const eps = v.optional(numberAbove(0, 1), 1e-8);

const ofSgd = 'belongs to the kind "sgd"';
const ofMomentum = 'belongs to the kinds "sgd" and "rmsprop"';
const ofRmsprop = 'belongs to the kind "rmsprop"';
const ofAdam = 'belongs to the kinds "adam" and "adamw"';

const optimizer = v.variant(
  'kind',
  [
    section(
      {
        kind: v.optional(v.picklist(['adam', 'adamw']), 'adam'),
        learningRate: v.optional(learningRate, 0.001),
        beta1: v.optional(numberBelow(0, 1), 0.9),
        beta2: v.optional(numberBelow(0, 1), 0.999),
        eps,
        weightDecay,
      },
      { momentum: ofMomentum, nesterov: ofSgd, alpha: ofRmsprop, centered: ofRmsprop },
    ),
    section(
      {
        kind: v.literal('sgd'),
        learningRate: v.optional(learningRate, 0.1),
        momentum: v.optional(numberBelow(0, 1), 0),
        nesterov: v.optional(truth(), false),
        weightDecay,
      },
      {
        beta1: ofAdam,
        beta2: ofAdam,
        alpha: ofRmsprop,
        centered: ofRmsprop,
        eps: 'belongs to the kinds "rmsprop", "adam" and "adamw"',
      },
    ),
    section(
      {
        kind: v.literal('rmsprop'),
        learningRate: v.optional(learningRate, 0.01),
        alpha: v.optional(numberBelow(0, 1), 0.99),
        eps,
        momentum: v.optional(numberBelow(0, 1), 0),
        centered: v.optional(truth(), false),
        weightDecay,
      },
      { nesterov: ofSgd, beta1: ofAdam, beta2: ofAdam },
    ),
  ],
  oneKindOf(['sgd', 'rmsprop', 'adam', 'adamw']),
);

const MOST_UPDATES = 1_000_000_000;
const warmup = v.optional(wholeNumber(0, MOST_UPDATES), 0);
const ofStep = 'belongs to the kind "step"';
const ofCosine = 'belongs to the kind "cosine"';

const schedule = v.variant(
  'kind',
  [
    section(
      { kind: v.optional(v.literal('constant'), 'constant'), warmup },
      { factor: ofStep, every: ofStep, floor: ofCosine },
    ),
    section(
      {
        kind: v.literal('step'),
        warmup,
        factor: v.optional(numberAbove(0, 1), 0.5),
        every: wholeNumber(1, MOST_UPDATES),
      },
      { floor: ofCosine },
    ),
    section(
      { kind: v.literal('cosine'), warmup, floor: v.optional(numberFrom(0, 1), 0) },
      { factor: ofStep, every: ofStep },
    ),
  ],
  oneKindOf(['constant', 'step', 'cosine']),
);

const training = section({
  batchSize: v.optional(wholeNumber(1, 65_536), 32),
  steps: v.optional(wholeNumber(1, 65_536), 64),
  epochs: v.exactOptional(wholeNumber(1, 1_000_000)),
  updates: v.exactOptional(wholeNumber(1, MOST_UPDATES)),
  optimizer: v.optional(optimizer, {}),
  schedule: v.optional(schedule, {}),
  clipNorm: v.optional(numberFrom(0, 1_000_000), 1),
  stateful: v.optional(truth(), true),
  teacherForcing: v.optional(numberFrom(0, 1), 1),
  earlyStopping: v.optional(
    v.nullable(section({ patience: wholeNumber(1, 1_000_000), minDelta: v.optional(numberFrom(0, 1_000_000), 0) })),
    null,
  ),
  evaluateEvery: v.optional(wholeNumber(0, MOST_UPDATES), 0),
  checkpointEvery: v.optional(wholeNumber(1, MOST_UPDATES), 1000),
});

const experiment = section({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  name: v.exactOptional(text(200)),
  seed: v.optional(wholeNumber(0, 0xffff_ffff), 0),
  task,
  model,
  training,
});

/**
 * The experiment that a JSON value describes, defaults filled in. Throws InputError naming the field, its value and
 * what it must be. `source`: what to call the value in messages, as a file's name.
 */
export function parseExperiment(json: unknown, source = 'the experiment'): Experiment {
  checkHeader(json, source);
  refuseLists(json, [], source);
  const result = v.safeParse(experiment, json, { abortPipeEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    throw new InputError(`${source}: ${v.getDotPath(issue) ?? 'the value'} ${issue.message}`);
  }
  return checkCombinations(result.output, source);
}

/** As parseExperiment, from the text of a JSON file; errors of syntax name line and column. */
export function parseExperimentText(text: string, source: string): Experiment {
  return parseExperiment(parseJson(text, source), source);
}

/** The JSON value that parseExperiment takes back, every default written out. */
export function experimentToJson(experiment: Experiment): JsonValue {
  return JSON.parse(JSON.stringify(experiment)) as JsonValue;
}

function checkHeader(json: unknown, source: string): asserts json is Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new InputError(`${source} holds ${show(json)}; an experiment is a JSON object`);
  }
  const { format, version } = json as Readonly<Record<string, unknown>>;
  if (format !== FORMAT) {
    const found = format === undefined ? 'is missing' : `is ${show(format)}`;
    throw new InputError(`${source}: format ${found}; an experiment has "format": "${FORMAT}"`);
  }
  if (version !== VERSION) {
    const found = version === undefined ? 'is missing' : `is ${show(version)}`;
    throw new InputError(`${source}: version ${found}; this program reads version ${VERSION}`);
  }
}

/** The format has lists nowhere but in a task's options; an empty one would otherwise pass for an empty object. */
function refuseLists(value: unknown, path: readonly string[], source: string): void {
  if (Array.isArray(value)) {
    throw new InputError(`${source}: ${path.join('.')} is ${show(value)}; no list belongs here`);
  }
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (path.length > 0 || name !== 'task') {
        refuseLists(member, [...path, name], source);
      }
    }
  }
}

function checkCombinations(output: v.InferOutput<typeof experiment>, source: string): Experiment {
  const { epochs, updates, ...common } = output.training;
  const { optimizer, teacherForcing } = common;
  const model = completeModel(output.model, source);
  if (teacherForcing < 1 && model.architecture !== 'encoder-decoder') {
    throw new InputError(
      `${source}: training.teacherForcing is ${teacherForcing}, but ${WITHOUT_FORCING[model.architecture]}; it must be 1`,
    );
  }
  if (optimizer.kind === 'sgd' && optimizer.nesterov && optimizer.momentum === 0) {
    throw new InputError(
      `${source}: training.optimizer.nesterov is true while momentum is 0; Nesterov's form needs a momentum above 0`,
    );
  }
  if (epochs !== undefined && updates === undefined) {
    return { ...output, model, training: { ...common, epochs } };
  }
  if (updates !== undefined && epochs === undefined) {
    return { ...output, model, training: { ...common, updates } };
  }
  throw new InputError(
    epochs === undefined
      ? `${source}: training needs "epochs" or "updates" to say how long it lasts`
      : `${source}: training has both "epochs" and "updates"; exactly one of them says how long it lasts`,
  );
}

/** Why a model is always trained on the right symbols. */
const WITHOUT_FORCING = {
  recurrent: 'the architecture "recurrent" has no decoder that could read its own answers',
  transformer: 'a transformer learns from all steps of a sequence at once, before any of them is answered',
} as const;

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || (Array.isArray(value) ? value : Object.values(value)).every(isJson);
    default:
      return false;
  }
}
