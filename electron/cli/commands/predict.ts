import type { CoreModule } from '../../../engine/core/core.ts';
import { InputError } from '../../../engine/errors.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { checkModelSuitsTask } from '../../../engine/experiment/plan.ts';
import type { FloatTensors } from '../../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { Predictor } from '../../../engine/models/predictor.ts';
import { longestTarget, Translator } from '../../../engine/models/translator.ts';
import type { EncodedInput, TaskCodec } from '../../../engine/tasks/task.ts';
import { bestFlag, defineCommand } from '../command.ts';
import { codecOf, openCheckpoint, singleCore } from '../checkpoint-source.ts';
import { UsageError } from '../flags.ts';
import { machineFlags } from '../machine-flags.ts';
import { readInput } from '../read-input.ts';

export const predict = defineCommand({
  name: 'predict',
  summary: 'Give a trained model your own input: JSON in, JSON out',
  usage: ['DIR --input INPUT.json|-|JSON [FLAGS]', 'CHECKPOINT.safetensors --input INPUT.json|-|JSON [FLAGS]'],
  description: [
    'The input is a file, "-" for standard input, or JSON itself where it begins with a quotation mark or a bracket. ' +
      'It is one input in the form that the task has ("unrolled inspect DIR" tells), for one answer; or ' +
      '{"inputs": [...]} with several of them, for {"outputs": [...]} in the same order. The dataset is not needed.',
  ],
  flags: {
    input: { type: 'text', value: 'INPUT', description: 'What to read' },
    best: bestFlag,
    json: { type: 'switch', description: 'Write the answer on one line' },
    build: machineFlags.build,
  },
  examples: [
    { line: `predict runs/names --input '"Ada"'`, what: 'One name.' },
    { line: `predict runs/names --input '{"inputs": ["Ada", "Igor"]}'`, what: 'Several at once.' },
    { line: 'predict runs/births --input last-weeks.json', what: 'A file.' },
  ],
  arguments: [1, 1],
  async run({ input, best, json, build }, [path = ''], terminal) {
    if (input === undefined) {
      throw new UsageError('--input is missing: a file, "-" for standard input, or JSON itself');
    }
    const source = openCheckpoint(path, best);
    const codec = codecOf(source);
    const given = await readInput(input);
    const several = inputsOf(given);
    const encoded = several === undefined ? [codec.encode(given)] : several.map((one, i) => encodeOne(codec, one, i));
    const { experiment, model: weights } = source.checkpoint;
    checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
    const core = await singleCore(build);
    const answering = { core, experiment, codec, weights, sourceName: source.path };
    const steps = encoded.reduce((most, one) => Math.max(most, one.steps), 1);
    const answerTo =
      codec.kind === 'translation' ? await translating(answering, steps) : await predicting(answering, steps);
    const outputs = encoded.map(answerTo);
    const answer = several === undefined ? outputs[0] : { outputs };
    terminal.line(JSON.stringify(answer, null, json ? 0 : 2));
    return 0;
  },
});

interface Answering {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  readonly weights: FloatTensors;
  readonly sourceName: string;
}

async function predicting({ codec, ...rest }: Answering, steps: number): Promise<(input: EncodedInput) => JsonValue> {
  const predictor = await Predictor.load({ ...rest, task: codec, steps });
  return (input) => codec.decode(input, predictor.run(input));
}

/** Greedily. */
async function translating(answering: Answering, sourceSteps: number): Promise<(input: EncodedInput) => JsonValue> {
  const { codec, experiment } = answering;
  const steps = longestTarget(experiment);
  const translator = await Translator.load({ ...answering, sourceSteps, steps, beams: 1 });
  const { output, target } = codec;
  return (input) => {
    const [found] = translator.translate(input);
    if (!found || !target || output.kind !== 'labels') throw new TypeError('Only translators can translate.');
    const symbols = found.symbols.map((label, t) => ({
      symbol: output.labels[label] ?? '',
      probability: found.steps[t]?.probability ?? NaN,
    }));
    return { target: target.write(found.symbols), symbols };
  };
}

/** Several inputs, or undefined where there is one. */
function inputsOf(given: JsonValue): readonly JsonValue[] | undefined {
  if (typeof given === 'object' && given !== null && 'inputs' in given) {
    const { inputs } = given as { readonly inputs: JsonValue };
    if (!Array.isArray(inputs)) {
      throw new InputError('"inputs" must be a list of inputs');
    }
    return inputs as readonly JsonValue[];
  }
  return undefined;
}

function encodeOne(codec: TaskCodec, input: JsonValue, index: number): EncodedInput {
  try {
    return codec.encode(input);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`inputs[${index}]: ${error.message}`, error.hint) : error;
  }
}
