import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { defineCommand, jsonFlag } from '../command.ts';
import { experimentFlags, experimentFrom } from '../experiment-flags.ts';
import { UsageError } from '../flags.ts';
import { machineFlags } from '../machine-flags.ts';
import { readExperimentFile } from '../../experiments/presets.ts';
import { jsonReporter } from '../report-json.ts';
import { textReporter } from '../report-text.ts';
import { PROGRAM } from '../program.ts';
import { trainNew, trainOn } from '../training.ts';
import { experimentOnData } from '../train-data.ts';
import { importFlags } from '../data-import.ts';
import { datasetsFolder, workspaceFolder } from '../workspace.ts';

export const train = defineCommand({
  name: 'train',
  summary: 'Train a model from an experiment file or from flags, or go on with a run',
  usage: [
    'FILE.json [FLAGS]',
    '--task ID [FLAGS]',
    '--data FILE|DATASET [--task ID] [FLAGS]',
    '--resume DIR [--threads N] [--build NAME]',
  ],
  description: [
    'Without a file, a task brings settings of its own that have been tried; flags take the place of its fields, or of ' +
      "the file's. The run folder gets experiment.json, history.jsonl, checkpoint.safetensors (the latest) and " +
      'best.safetensors (of the best evaluation).',
    'With --data, a file is imported into the workspace first, as "data import" does and with its flags, unless it is there ' +
      'already; a dataset of the workspace is named by its id. The settings are those that the app suggests for such data.',
    'Ctrl-C ends with a checkpoint; --resume goes on from it, and with the same build and number of threads the weights ' +
      'at the end are those of a run that was never interrupted, bit for bit.',
    'With --json, one object a line: "start", "progress" and "evaluation" in turn, "end".',
  ],
  flags: {
    out: { type: 'text', value: 'DIR', description: 'Run folder to make; runs/TASK-CELL-TIME where it is not given' },
    resume: { type: 'text', value: 'DIR', description: 'Go on with the run in this folder' },
    data: { type: 'text', value: 'FILE|DATASET', description: 'Your own data: a file, or a dataset of the workspace' },
    json: jsonFlag,
    ...machineFlags,
    ...experimentFlags,
    ...importFlags,
  },
  examples: [
    { line: 'train --task moby-dick', what: 'An LSTM learns to write from a book.' },
    {
      line: 'train --task adding --cell rnn --option length=50 --updates 2000 --out runs/adding',
      what: 'A plain network on a benchmark, with settings of your own.',
    },
    { line: 'train my-experiment.json --seed 2 --out runs/second', what: 'A file, with another seed.' },
    { line: 'train --data reviews.csv --updates 500', what: 'Your own file, in one step.' },
    { line: 'train --resume runs/second', what: 'Go on where Ctrl-C stopped it.' },
  ],
  arguments: [0, 1],
  async run(values, [file], terminal) {
    const { out, resume, json, threads, build, workspace, data, ...settings } = values;
    const machinery = { threads, build, datasets: datasetsFolder(workspace, resume) };
    const reporter = json ? jsonReporter(terminal) : textReporter(terminal, PROGRAM);
    if (data !== undefined) {
      if (file !== undefined || resume !== undefined) {
        throw new UsageError(`--data has no place beside ${file ?? '--resume'}: it makes an experiment of its own`);
      }
      const own = await experimentOnData(data, settings, workspaceFolder(workspace));
      const on = { ...machinery, datasets: own.datasets };
      return trainNew(own.experiment, out ?? defaultFolder(own.experiment), on, reporter);
    }
    const [importOnly] = Object.keys(importFlags).filter((flag) => Object.hasOwn(settings, flag));
    if (importOnly !== undefined) throw new UsageError(`--${importOnly} says how a file of --data is imported`);
    if (resume === undefined) {
      const experiment = experimentFrom(settings, file === undefined ? undefined : readExperimentFile(file));
      return trainNew(experiment, out ?? defaultFolder(experiment), machinery, reporter);
    }
    const [other] = [...Object.keys(settings), ...(out === undefined ? [] : ['out'])];
    if (file !== undefined || other !== undefined) {
      throw new UsageError(
        `--resume goes on with a run as it was begun; ${file === undefined ? `--${other ?? ''}` : file} has no place beside it`,
        'only --threads, --build and --json can be given with it',
      );
    }
    return trainOn(resume, machinery, reporter);
  },
});

/** "runs/moby-dick-lstm-2026-11-23-134105", in local time; a number follows where it is taken. */
export function defaultFolder({ task, model }: Experiment, now = new Date()): string {
  const kind = model.architecture === 'recurrent' ? model.cell : model.architecture;
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('');
  const name = join('runs', `${task.id}-${kind}-${date}-${time}`);
  let folder = name;
  for (let n = 2; existsSync(folder); n++) {
    folder = `${name}-${n}`;
  }
  return folder;
}
