/**
 * What the database says of a run, once more in the run's folder, so that the database can be rebuilt from the folders:
 *
 *     run.json            the run as it is listed (electron/api/runs.ts): its name, note, state and changes
 *     evaluations.jsonl   one line for each evaluation; a later line for the same update takes the place of an earlier one
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { runInfo, type RunInfo } from '../api/runs.ts';
import { count, metric } from '../api/values.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { fileError, replaceFile } from './files.ts';
import type { EvaluationRow, RunMirror } from './run-rows.ts';

const INFO = 'run.json';
const EVALUATIONS = 'evaluations.jsonl';

const evaluationSchema = v.object({ update: count, metrics: v.array(metric), best: v.boolean() });
export type MirroredEvaluation = EvaluationRow & { readonly best: boolean };

/** Into the folders of a workspace's runs, where they are there. */
export function runMirror(workspace: Workspace): RunMirror {
  return {
    info(run) {
      const folder = workspace.runFolder(run.id);
      if (existsSync(folder)) {
        replaceFile(join(folder, INFO), `${JSON.stringify(run, null, 2)}\n`);
      }
    },
    evaluation(id, row) {
      const folder = workspace.runFolder(id);
      if (existsSync(folder)) {
        const path = join(folder, EVALUATIONS);
        try {
          appendFileSync(path, `${JSON.stringify(row)}\n`);
        } catch (error) {
          throw fileError(error, 'written', path);
        }
      }
    },
  };
}

/** The run as it was last written down; undefined where it was not, or cannot be read. */
export function readMirroredInfo(folder: string): RunInfo | undefined {
  const result = v.safeParse(runInfo, parse(readText(join(folder, INFO))));
  return result.success ? result.output : undefined;
}

/** In the order of updates; lines that cannot be read are left out. */
export function readMirroredEvaluations(folder: string): readonly MirroredEvaluation[] {
  const byUpdate = new Map<number, MirroredEvaluation>();
  for (const line of readText(join(folder, EVALUATIONS)).split('\n')) {
    const result = v.safeParse(evaluationSchema, parse(line));
    if (result.success) {
      byUpdate.set(result.output.update, result.output);
    }
  }
  return [...byUpdate.values()].sort((a, b) => a.update - b.update);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
