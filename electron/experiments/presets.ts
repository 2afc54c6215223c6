/** The experiments that come with the program: settings that have been tried, one file each in `experiments/`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cell, Experiment } from '../../engine/experiment/experiment.ts';
import { parseExperimentText } from '../../engine/experiment/schema.ts';
import { fileError, requireRegularFile } from '../runs/files.ts';

const FOLDER = new URL('../../experiments/', import.meta.url);

/** The experiment in a file. Throws InputError where it cannot be read or is not right. */
export function readExperimentFile(path: string): Experiment {
  requireRegularFile(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  return parseExperimentText(text, path);
}

/** Names of the presets, in order. */
export function presetNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function preset(name: string): Experiment {
  return readExperimentFile(fileURLToPath(new URL(`${name}.json`, FOLDER)));
}

/**
 * The preset for a task and, where there is one, the cell (`adding-rnn`): otherwise the one that has the task's name, or
 * else the first on it; undefined where there is none.
 */
export function presetFor(task: string, cell?: Cell): Experiment | undefined {
  if (cell !== undefined && existsSync(new URL(`${task}-${cell}.json`, FOLDER))) {
    return preset(`${task}-${cell}`);
  }
  if (existsSync(new URL(`${task}.json`, FOLDER))) {
    return preset(task);
  }
  return presetNames()
    .map(preset)
    .find((experiment) => experiment.task.id === task);
}
