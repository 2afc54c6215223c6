import { InputError } from '../../../engine/errors.ts';
import { checkModelSuitsTask } from '../../../engine/experiment/plan.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { Answering } from '../../../engine/models/answering.ts';
import type { EncodedInput } from '../../../engine/tasks/task.ts';
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
    const { experiment, model: weights } = source.checkpoint;
    checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
    const core = await singleCore(build);
    const answering = new Answering({ core, experiment, codec, weights, sourceName: source.path });
    const read = (one: JsonValue) => answering.fit(codec.encode(one));
    const encoded = several === undefined ? [read(given)] : several.map((one, i) => readOne(read, one, i));
    const outputs: JsonValue[] = [];
    for (const one of encoded) outputs.push(await answering.answer(one));
    const answer = several === undefined ? outputs[0] : { outputs };
    terminal.line(JSON.stringify(answer, null, json ? 0 : 2));
    return 0;
  },
});

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

function readOne(read: (input: JsonValue) => EncodedInput, input: JsonValue, index: number): EncodedInput {
  try {
    return read(input);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`inputs[${index}]: ${error.message}`, error.hint) : error;
  }
}
