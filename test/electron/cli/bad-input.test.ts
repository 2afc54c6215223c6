import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, TINY, unrolled, unrolledHere } from './unrolled.ts';

/** The one sentence that a command refuses its input with; nothing is made in the folder. */
async function refusal(args: readonly string[], folder = temporaryFolder(), status = 1): Promise<string> {
  const before = readdirSync(folder);
  const result = await unrolledHere(args, folder);
  expect({ status: result.status, stdout: result.stdout }).toEqual({ status, stdout: '' });
  const [sentence = '', hint, ...more] = result.stderr.trimEnd().split('\n');
  expect(sentence).toMatch(/^unrolled: /);
  expect(hint ?? '  ').toMatch(/^ {2}/);
  expect(more).toEqual([]);
  expect(readdirSync(folder)).toEqual(before);
  return sentence;
}

const usage = (args: readonly string[]) => refusal(args, temporaryFolder(), 2);

/** All files of a run, to see that nothing was overwritten. */
function contents(run: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(run).map((name) => [name, readFileSync(join(run, name), 'base64')]));
}

describe('the command line itself', () => {
  test.each([
    [['trian'], 'the command "trian" is not known; did you mean train?'],
    [[], 'no command was given'],
    [['train'], 'there is nothing to train'],
    [['train', '--task', 'adding', '--hiden', '8'], 'the flag --hiden is not known; did you mean --hidden?'],
    [['train', '--task', 'adding', '--hidden'], '--hidden needs a value'],
    [['train', '--task', 'adding', '--hidden', '--json'], '--hidden needs a value'],
    [['train', '--task', 'adding', '--hidden', 'many'], '--hidden is "many"; it must be a whole number'],
    [['train', '--task', 'adding', '--cell', 'lsmt'], '(did you mean "lstm"?)'],
    [['train', '--task', 'adding', '--json=yes'], '--json takes no value'],
    [['train', '--task', 'adding', '--option', 'lenght=8'], 'no such option; did you mean length?'],
    [['train', '--task', 'adding', '--option', 'length'], 'it must be NAME=VALUE'],
    [['train', '--resume', 'run', '--lr', '1'], '--lr has no place beside it'],
    [['train', 'a.json', 'b.json'], 'has no use for "b.json"'],
    [['evaluate'], 'is given too little'],
    [['predict', 'run'], '--input is missing'],
  ])('%j', async (args, sentence) => {
    expect(await usage(args)).toContain(sentence);
  });
});

describe('settings', () => {
  test.each([
    [['--task', 'mobydick'], 'the task "mobydick" is not known; did you mean "moby-dick"?'],
    [['--task', 'adding', '--hidden', '0'], 'model.hiddenSize is 0; it must be a whole number from 1 to 8192'],
    [['--task', 'adding', '--option', 'length=1'], 'task.length is 1; it must be a whole number from 2 to 10000'],
    [['--task', 'adding', '--epochs', '3'], 'has no epochs'],
    [['--task', 'adding', '--cell', 'rnn', '--forget-bias', '1'], 'belongs to the cell "lstm"'],
    [['--task', 'names-generate', '--bidirectional'], 'model.bidirectional is true'],
    [['--task', 'adding', '--embedding', '4'], 'only symbols can be embedded'],
    [['--task', 'adding', '--threads', '2', '--build', 'relaxed'], 'runs on one thread, not on 2'],
    [['--task', 'parity', '--hidden', '8192', '--layers', '32'], 'WebAssembly can address 4 GiB'],
  ])('train %j', async (flags, sentence) => {
    expect(await refusal(['train', ...flags, '--out', 'run'])).toContain(sentence);
  });

  test('a malformed experiment is refused with its field, or line and column', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'mine.json');
    writeFileSync(file, '{"format": "unrolled-experiment",\n "version": 1,,}');
    expect(await refusal(['train', 'mine.json', '--out', 'run'], folder)).toMatch(/mine\.json.*line 2, column \d+/);
    const experiment = {
      format: 'unrolled-experiment',
      version: 1,
      task: { id: 'parity' },
      model: { cell: 'gru', hiddenSize: 5 },
      training: { updates: 4, batchSize: 0 },
    };
    writeFileSync(file, JSON.stringify(experiment));
    expect(await refusal(['train', 'mine.json', '--out', 'run'], folder)).toContain(
      'mine.json: training.batchSize is 0; it must be a whole number from 1',
    );
    expect(await refusal(['inspect', 'mine.json'], folder)).toContain('training.batchSize is 0');
    expect(await refusal(['train', 'other.json'], folder)).toContain('there is no such file');
  });
});

describe('runs and checkpoints', () => {
  test('a process complains on standard error and ends with the status', async () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = await unrolled(['evaluate', 'nowhere'], folder);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe('unrolled: nowhere cannot be read: there is no such file or folder\n');
    expect((await unrolled(['evaluat', 'nowhere'], folder)).status).toBe(2);
  });

  test('a folder that holds a run is not trained into', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const before = contents(join(folder, 'run'));
    expect(await refusal([...TINY, '--seed', '9', '--out', 'run'], folder)).toContain('run already holds a run');
    expect(contents(join(folder, 'run'))).toEqual(before);
  });

  test('what is no run or checkpoint is said to be none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'notes.txt'), 'not a checkpoint at all');
    expect(await refusal(['evaluate', 'nowhere'], folder)).toContain('nowhere cannot be read');
    expect(await refusal(['evaluate', '.'], folder)).toContain('holds no run');
    expect(await refusal(['inspect', 'notes.txt'], folder)).toContain('is not a checkpoint of Unrolled');
    expect(await refusal(['train', '--resume', 'nowhere'], folder)).toContain('nowhere is not a folder');
  });

  test('a truncated and a damaged checkpoint are refused by every command, and left as they are', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'run'], folder);
    const run = join(folder, 'run');
    const file = join(run, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    const reading = [
      ['evaluate', 'run'],
      ['predict', 'run', '--input', '[[1, 0]]'],
      ['inspect', 'run'],
    ];
    truncateSync(file, bytes.length - 5);
    const truncated = contents(run);
    for (const args of reading) {
      expect(await refusal(args, folder)).toContain('damaged or truncated');
    }
    expect(contents(run)).toEqual(truncated);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file, bytes);
    expect(await refusal(['evaluate', 'run'], folder)).toContain('damaged or truncated');
    expect(existsSync(file)).toBe(true);
  });

  test.each(['missing', 'truncated'])(
    'a damaged checkpoint is not resumed from a best one that is %s',
    async (best) => {
      const folder = temporaryFolder();
      await unrolledHere([...TINY, '--out', 'run'], folder);
      const run = join(folder, 'run');
      truncateSync(join(run, 'checkpoint.safetensors'), 1000);
      if (best === 'missing') rmSync(join(run, 'best.safetensors'));
      else truncateSync(join(run, 'best.safetensors'), 1000);
      const before = contents(run);
      expect(await refusal(['train', '--resume', 'run'], folder)).toContain('damaged or truncated');
      expect(contents(run)).toEqual(before);
    },
  );

  test('a checkpoint of another architecture is refused, and nothing is overwritten', async () => {
    const folder = temporaryFolder();
    await unrolledHere([...TINY, '--out', 'small'], folder);
    await unrolledHere([...TINY, '--hidden', '12', '--out', 'large'], folder);
    const large = join(folder, 'large');
    copyFileSync(join(folder, 'small', 'checkpoint.safetensors'), join(large, 'checkpoint.safetensors'));
    const before = contents(large);
    for (const args of [
      ['train', '--resume', 'large'],
      ['evaluate', 'large'],
      ['inspect', 'large'],
    ]) {
      const sentence = await refusal(args, folder);
      expect(sentence).toContain('belongs to a model of another architecture');
      expect(sentence).toContain('model.hiddenSize is 8');
    }
    expect(contents(large)).toEqual(before);
  });
});
