import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointPath } from '../../../electron/runs/timeline-folder.ts';
import { objects, temporaryFolder, TINY, unrolled, unrolledHere } from './unrolled.ts';

const NAMES = [
  ...['train', '--task', 'names-generate', '--hidden', '8', '--updates', '20', '--threads', '1'],
  ...['--out', 'run', '--json'],
] as const;

function parsed(text: string): unknown {
  return JSON.parse(text);
}

describe('evaluate', () => {
  test('gives the metrics and baselines that training ended with', async () => {
    const folder = temporaryFolder();
    const trained = await unrolledHere([...TINY, '--out', 'run', '--json'], folder);
    const { metrics, baselines } = objects(trained.stdout).at(-1)!;
    for (const what of ['run', 'run/checkpoint.safetensors']) {
      const { status, stdout } = await unrolledHere(['evaluate', what, '--json'], folder);
      expect(status).toBe(0);
      expect(parsed(stdout)).toMatchObject({ task: 'adding', update: 30, metrics, baselines, solved: false });
    }
    const { stdout } = await unrolledHere(['evaluate', 'run'], folder);
    expect(stdout).toContain('always 1');
    // Thirty updates learn nothing of it, and both commands say so in words.
    const words = /No better than the baseline "always 1"(?:, as far as | \(mean squared error )/u;
    expect(stdout).toMatch(words);
    expect(stdout).toMatch(/Not solved.*: sums within 0\.08 .*; required 95 %, always 1 15\.4 %\./u);
    expect(stdout).toMatch(/95 %: .* to .*, n = \d+ sequences/u);
    expect((await unrolledHere([...TINY, '--out', 'words'], folder)).stdout).toMatch(words);
  });

  test('--best takes the best checkpoint', async () => {
    const folder = temporaryFolder();
    // A learning rate that grows out of all proportion: the first evaluation is the best.
    const worse = ['--lr', '1', '--optimizer', 'sgd', '--warmup', '30', '--clip', '0.5', '--out', 'run', '--json'];
    const trained = await unrolledHere([...TINY, ...worse], folder);
    const end = objects(trained.stdout).at(-1)!;
    const { stdout } = await unrolledHere(['evaluate', 'run', '--best', '--json'], folder);
    const { update, value } = end['best'] as { update: number; value: number };
    expect(parsed(stdout)).toMatchObject({ update, metrics: [{ value }, {}, {}] });
  });

  test('shows which labels are taken for which', async () => {
    const folder = temporaryFolder();
    const flags = ['--hidden', '4', '--updates', '3', '--threads', '1', '--out', 'run'];
    await unrolledHere(['train', '--task', 'names-gender', '--option', 'validationShare=0.02', ...flags], folder);
    const { status, stdout } = await unrolledHere(['evaluate', 'run'], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/truth \\ answer +female +male/);
  });
});

describe('the folder of a run in a workspace', () => {
  test('stands for its latest checkpoint', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    await unrolledHere([...TINY, '--updates', '20', '--out', 'shorter'], folder);
    const run = join(folder, 'workspace', 'runs', 'adding');
    for (const [update, from] of [
      [20, 'shorter'],
      [30, 'run'],
    ] as const) {
      const path = checkpointPath(run, update);
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(join(folder, from, 'checkpoint.safetensors'), path);
    }
    const { stdout } = await unrolledHere(['evaluate', 'run', '--json'], folder);
    const { stdout: same } = await unrolledHere(['evaluate', run, '--json'], folder);
    const { metrics, update } = parsed(stdout) as { metrics: unknown; update: unknown };
    expect(parsed(same)).toMatchObject({ update, metrics });
    const { status, stderr } = await unrolledHere(['evaluate', run, '--best'], folder);
    expect([status, stderr]).toEqual([1, expect.stringContaining('--checkpoint')]);
  });
});

describe('sample', () => {
  test('gives the same names for the same seed, others for others', async () => {
    const folder = temporaryFolder();
    expect((await unrolledHere(NAMES, folder)).status).toBe(0);
    const sample = async (...flags: string[]) => (await unrolledHere(['sample', 'run', ...flags], folder)).stdout;
    const first = await sample('--seed', '3', '--count', '4');
    expect(first.match(/^female: /gm)).toHaveLength(4);
    expect(first.match(/^male: /gm)).toHaveLength(4);
    expect(await sample('--seed', '3', '--count', '4')).toBe(first);
    expect(await sample('--seed', '4', '--count', '4')).not.toBe(first);
    const one = await sample('--label', 'male', '--prompt', 'Jo', '--length', '3', '--seed', '1', '--json');
    const { samples } = parsed(one) as { samples: readonly { label: string; text: string }[] };
    expect(samples.length).toBe(5);
    for (const { label, text } of samples) {
      expect(label).toBe('male');
      expect(text).toMatch(/^Jo.{0,3}$/u);
    }
  });

  test('goes on from a prompt; temperature 0 and top-k 1 both take the most probable symbol', async () => {
    const folder = temporaryFolder();
    const flags = ['--hidden', '8', '--updates', '2', '--threads', '1', '--out', 'run'];
    await unrolledHere(['train', '--task', 'moby-dick', '--option', 'validationShare=0.01', ...flags], folder);
    const sample = (...more: string[]) =>
      unrolledHere(['sample', 'run', '--prompt', 'Call me', '--length', '20', ...more], folder);
    const greedy = await sample('--temperature', '0');
    expect(greedy.status).toBe(0);
    expect(greedy.stdout).toMatch(/^Call me/);
    expect(greedy.stdout.length).toBe('Call me'.length + 20 + 1);
    expect((await sample('--top-k', '1', '--temperature', '1')).stdout).toBe(greedy.stdout);
    const unknown = await unrolledHere(['sample', 'run', '--prompt', '猫'], folder);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('character 1 of the input is "猫"');
    expect(unknown.stderr).toMatch(/It has .*"e"/u);
    // Nothing is written before it is known that the prompt can be read.
    expect(unknown.stdout).toBe('');
  });

  test('says what else to do where a task has nothing to grow', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const { status, stderr } = await unrolledHere(['sample', 'run'], folder);
    expect(status).toBe(1);
    expect(stderr).toContain('a regression task');
    expect(stderr).toContain('unrolled predict');
  });
});

describe('predict', () => {
  test('answers one input with one answer and several with several, in order', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const a = [
      [0.5, 1],
      [0.25, 1],
    ];
    const b = [[0.9, 0]];
    const one = await unrolledHere(['predict', 'run', '--input', JSON.stringify(a)], folder);
    expect(one.status).toBe(0);
    const answer = parsed(one.stdout) as { values: { sum: number } };
    expect(answer.values.sum).toBeTypeOf('number');
    const several = await unrolled(['predict', 'run', '--input', '-'], folder, JSON.stringify({ inputs: [b, a] }));
    const { outputs } = parsed(several.stdout) as { outputs: readonly unknown[] };
    expect(outputs.length).toBe(2);
    expect(outputs[1]).toEqual(answer);
    writeFileSync(join(folder, 'input.json'), JSON.stringify(a));
    const file = await unrolledHere(['predict', 'run/best.safetensors', '--input', 'input.json', '--json'], folder);
    expect(file.status).toBe(0);
    expect(file.stdout.trimEnd()).not.toContain('\n');
  });

  test.each(['names-gender', 'reversal'])(
    'says which input has more symbols than learned positions: %s',
    async (task) => {
      const folder = temporaryFolder();
      const model = [
        ...['--architecture', 'transformer', '--layers', '1'],
        ...['--positions', 'learned', '--max-positions', '24'],
      ];
      const flags = ['--task', task, ...model, '--updates', '2', '--threads', '1', '--out', 'run'];
      expect((await unrolledHere(['train', ...flags], folder)).status).toBe(0);
      const inputs = JSON.stringify({ inputs: ['a', 'a'.repeat(24), 'a'.repeat(25)] });
      const { status, stdout, stderr } = await unrolledHere(['predict', 'run', '--input', inputs], folder);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('inputs[2]: the input has 25 symbols; the model has learned 24 positions');
      const fitting = JSON.stringify({ inputs: ['a', 'a'.repeat(24)] });
      expect((await unrolledHere(['predict', 'run', '--input', fitting], folder)).status).toBe(0);
      if (task !== 'reversal') return;
      const refused = await unrolledHere(['translate', 'run', '--source', 'a'.repeat(25)], folder);
      expect(refused.stderr).toContain('the input has 25 symbols; the model has learned 24 positions');
    },
  );

  test('names what is wrong with an input', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const refused = async (input: string) => {
      const { status, stdout, stderr } = await unrolledHere(['predict', 'run', '--input', input], folder);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      return stderr;
    };
    expect(await refused('"Ada"')).toContain('must be a list of steps');
    expect(await refused('{"inputs": [[[1, 0]], [[1]]]}')).toContain('inputs[1]: step 1');
    expect(await refused('[[1, 0]')).toContain('--input');
    expect(await refused('missing.json')).toContain('missing.json cannot be read');
  });
});

describe('inspect', () => {
  test('shows architecture, parameters, tensors and progress of a run', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const { status, stdout } = await unrolledHere(['inspect', 'run'], folder);
    expect(status).toBe(0);
    expect(stdout).toContain('LSTM, 1 layer of 8');
    expect(stdout).toContain('393 parameters');
    expect(stdout).toContain('30 updates done');
    expect(stdout).toMatch(/recurrent\.weight_hh_l0 +\[32, 8\] +256/);
  });

  test('shows the same model for the experiment file alone', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const run = parsed((await unrolledHere(['inspect', 'run', '--json'], folder)).stdout) as InspectionJson;
    const file = parsed(
      (await unrolledHere(['inspect', 'run/experiment.json', '--json'], folder)).stdout,
    ) as InspectionJson;
    const sorted = ({ tensors }: InspectionJson) => [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(sorted(file)).toEqual(sorted(run));
    expect(file).toMatchObject({ parameters: 393, experiment: run.experiment });
    expect(run.progress?.update).toBe(30);
    expect(file.progress).toBeUndefined();
  });
});

interface InspectionJson {
  readonly experiment: unknown;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly progress?: { readonly update: number };
}

describe('tasks and help', () => {
  test('tasks lists what there is with licence and origin', async () => {
    const folder = temporaryFolder();
    const { stdout } = await unrolledHere(['tasks'], folder);
    expect(stdout).toMatch(/moby-dick +language +CC0-1\.0/);
    const listed = parsed((await unrolledHere(['tasks', '--json'], folder)).stdout) as readonly { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(['stress', 'co2', 'parity']));
    const one = await unrolledHere(['tasks', 'births'], folder);
    expect(one.stdout).toContain('Licence: ');
    expect(one.stdout).toMatch(/window .*1 to 730; 28 where not given/);
  });

  test('every command explains itself', async () => {
    const folder = temporaryFolder();
    const { stdout } = await unrolledHere(['help'], folder);
    for (const name of ['train', 'evaluate', 'sample', 'predict', 'inspect', 'tasks', 'demo']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    const help = await unrolledHere(['train', '--help'], folder);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('--hidden N');
    expect((await unrolledHere(['help', 'train'], folder)).stdout).toBe(help.stdout);
  });

  test('the README tells of every command', async () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const { stdout } = await unrolledHere(['help'], temporaryFolder());
    const names = [...stdout.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names.filter((known) => known !== 'demo')) {
      expect(readme).toContain(`npm run -s unrolled -- ${name ?? ''}`);
    }
  });
});
