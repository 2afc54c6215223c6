import { randomInt } from 'node:crypto';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { codecOf, openCheckpoint, singleCore } from '../checkpoint-source.ts';
import { machineFlags } from '../machine-flags.ts';
import { Sampler, type SampleRequest } from '../sampler.ts';

const TEXT_LENGTH = 500;
const NAME_LENGTH = 40;
const SAMPLES_A_LABEL = 5;

export const sample = defineCommand({
  name: 'sample',
  summary: 'Let a trained model write: text from a prompt, names from a label',
  usage: ['DIR [FLAGS]', 'CHECKPOINT.safetensors [FLAGS]'],
  description: [
    'Each symbol is drawn from the probabilities that the model gives, and the model goes on from it. The same seed ' +
      'gives the same symbols.',
  ],
  flags: {
    prompt: { type: 'text', value: 'TEXT', description: 'What the sequence begins with' },
    length: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'The most symbols to grow' },
    temperature: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      description: '0: always the most probable; 1: the model’s own probabilities; 0.8 where not given',
    },
    'top-k': { type: 'integer', minimum: 0, maximum: 1e6, description: 'Draw from the K most probable only; 0: all' },
    seed: { type: 'integer', minimum: 0, maximum: 0xffff_ffff, description: 'Of the draws; at random where not given' },
    label: { type: 'text', value: 'LABEL', description: 'What to grow from, where the task has labels' },
    count: { type: 'integer', minimum: 1, maximum: 10_000, description: 'How many samples (of each label)' },
    best: bestFlag,
    json: jsonFlag,
    build: machineFlags.build,
  },
  examples: [
    {
      line: 'sample runs/whale --prompt "Call me" --temperature 0.8 --top-k 20 --seed 7',
      what: 'Go on from a prompt.',
    },
    { line: 'sample runs/names --label female --count 10', what: 'Ten made-up names.' },
  ],
  arguments: [1, 1],
  async run(values, [path = ''], terminal) {
    const { prompt, temperature = 0.8, label, json, best, build } = values;
    const source = openCheckpoint(path, best);
    const codec = codecOf(source);
    const { experiment, model: weights } = source.checkpoint;
    const core = await singleCore(build);
    const sampler = await Sampler.load({ core, experiment, codec, weights, sourceName: source.path });
    const generates = codec.kind === 'generation';
    const seed = values.seed ?? randomInt(2 ** 32);
    const topK = values['top-k'] ?? 0;
    const length = values.length ?? (generates ? NAME_LENGTH : TEXT_LENGTH);
    const samplesOf = values.count ?? (generates ? SAMPLES_A_LABEL : 1);
    const labels = label === undefined && generates ? (codec.conditions ?? []) : [label];
    const requests = labels.flatMap((of, place) =>
      Array.from({ length: samplesOf }, (_, i): SampleRequest => {
        return { label: of, prompt, length, temperature, topK, seed, item: place * samplesOf + i };
      }),
    );
    for (const request of requests) sampler.check(request);
    if (json) {
      const samples = requests.map((request) => sampler.sample(request));
      terminal.line(JSON.stringify({ checkpoint: source.path, prompt, temperature, topK, seed, samples }));
      return 0;
    }
    for (const request of requests) {
      terminal.write(
        `${request.label === undefined || label !== undefined ? '' : `${request.label}: `}${prompt ?? ''}`,
      );
      for (const symbol of sampler.grow(request)) {
        terminal.write(symbol);
      }
      terminal.line();
    }
    return 0;
  },
});
