/** A run as a person reads it: on a terminal with a progress line, otherwise with a line now and then. */
import { describeBytes } from '../../engine/core/core.ts';
import type { Metric, Task } from '../../engine/tasks/task.ts';
import type { Session } from '../../engine/training/session.ts';
import {
  describeEvaluation,
  describeMetric,
  describeModel,
  describeParameters,
  describeSamples,
  describeTraining,
} from './describe.ts';
import { count, counted, duration, figure } from './format.ts';
import { wrapped } from './help.ts';
import { progressLine } from './progress-bar.ts';
import { quoted } from './shell.ts';
import type { Terminal } from './terminal.ts';
import type { Reporter, TrainStart, TrainSummary } from './training.ts';

/** Between two lines where no terminal shows the progress. */
const LINE_EVERY_MS = 10_000;

/** `command`: how the person calls this program, for what to do next. */
export function textReporter(terminal: Terminal, command: string): Reporter {
  let session: Session | undefined;
  let metric: Metric | undefined;
  let loss = NaN;
  let saidAt = -Infinity;
  return {
    start(start) {
      ({ session } = start);
      for (const line of describeStart(start)) {
        terminal.line(line);
      }
    },
    damaged(renamed, update) {
      terminal.line('The newest checkpoint is damaged.');
      terminal.line(
        `  It is kept as ${renamed}; the run continues from its best checkpoint, of update ${count(update)}.`,
      );
    },
    progress(progress) {
      ({ loss } = progress);
      const line = { progress, metric, threads: session?.team.threads ?? 1, build: session?.build ?? '' };
      if (terminal.interactive) {
        terminal.status(progressLine(line, terminal.width - 1));
      } else if (performance.now() - saidAt >= LINE_EVERY_MS) {
        saidAt = performance.now();
        terminal.line(progressLine(line, 160));
      }
    },
    evaluation(update, { metrics, best }, samples) {
      [metric] = metrics;
      const figures = metrics.map(describeMetric).join(', ');
      terminal.line(`update ${count(update)}: loss ${figure(loss)}; ${figures}${best ? ' (best so far)' : ''}`);
      for (const line of describeSamples(samples)) {
        terminal.line(line);
      }
    },
    stopping() {
      terminal.line('Stopping with a checkpoint; Ctrl-C again quits at once.');
    },
    end(summary) {
      terminal.clear();
      for (const line of describeEnd(summary, command)) {
        terminal.line(line);
      }
    },
  };
}

function describeStart({ session, folder, resumed, bitsMayDiffer }: TrainStart): readonly string[] {
  const { experiment, task, plan, team } = session;
  const width = Math.max(task.title.length, 20);
  return [
    `${task.title} (${task.id}, ${task.kind})`,
    '─'.repeat(width),
    `model     ${describeModel(experiment)}: ${describeParameters(session.parameterCount)}`,
    `training  ${describeTraining(experiment)}: ${counted(plan.totalUpdates, 'update')}`,
    `machine   ${counted(team.threads, 'thread')} of the build "${session.build}", ${describeBytes(session.memoryBytes)} of memory`,
    `run       ${folder.path}`,
    ...(resumed ? [`          goes on after update ${count(session.update)}`] : []),
    ...(bitsMayDiffer
      ? ['note      threads or build are not those of the checkpoint: the last bits of the weights may differ']
      : []),
    ...(task.notices ?? []).flatMap((notice) =>
      wrapped(notice, 90).map((line, n) => `${n === 0 ? 'data    ' : '        '}  ${line}`),
    ),
    '',
  ];
}

function describeEnd(summary: TrainSummary, command: string): readonly string[] {
  const { end, session, folder, evaluation, baselines, seconds } = summary;
  const done = `${count(end.update)} of ${counted(session.plan.totalUpdates, 'update')}`;
  if (end.reason === 'diverged') {
    return [];
  }
  if (end.reason === 'stopped') {
    return [
      `Stopped after ${done}; the checkpoint is ${folder.checkpointPath}.`,
      `Go on with: ${command} train --resume ${quoted(folder.path)}`,
    ];
  }
  const { best } = session;
  const early = end.reason === 'early-stopping' ? ', early: there was no improvement any more' : '';
  return [
    '',
    `Done after ${done} in ${duration(seconds)}${early}.`,
    '',
    ...(evaluation ? describeEvaluation(evaluation, baselines, session.task.criterion) : []),
    '',
    ...(best && best.update !== end.update
      ? [`The best evaluation was ${figure(best.value)}, after update ${count(best.update)}: ${folder.bestPath}`]
      : []),
    `Look at it:   ${command} inspect ${quoted(folder.path)}`,
    `Evaluate it:  ${command} evaluate ${quoted(folder.path)}`,
    nextStep(session.task, command, folder.path),
  ];
}

function nextStep({ kind, train }: Task, command: string, path: string): string {
  switch (kind) {
    case 'language':
    case 'generation':
      return `Let it write: ${command} sample ${quoted(path)}`;
    case 'translation': {
      const source = train.form === 'set' ? train.describe(0).input : '';
      return `Use it:       ${command} translate ${quoted(path)} --source ${quoted(source)}`;
    }
    default:
      return `Use it:       ${command} predict ${quoted(path)} --input INPUT.json`;
  }
}
