import { statSync } from 'node:fs';
import { FLOAT32_FLOOR, FlowMeter, type FlowMap, type GradientFlow } from '../../../engine/gradients/flow.ts';
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';
import { updateHealth, type TrainingHealth } from '../../../engine/gradients/health.ts';
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import { PARTS, takeExamples } from '../../../engine/tasks/examples.ts';
import { checkpointOfPath } from '../../exports/of-path.ts';
import { readHealth } from '../../runs/health-file.ts';
import { readCheckpointFile } from '../../runs/run-folder.ts';
import { continueSession } from '../../runs/start-session.ts';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { singleCore } from '../checkpoint-source.ts';
import { count, counted, figure, table } from '../format.ts';
import { machineFlags } from '../machine-flags.ts';
import { datasetsFolder } from '../workspace.ts';

/** Distances from the loss that the text shows, in steps. */
const DISTANCES = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];

interface Measured {
  readonly source: string;
  readonly title: string;
  readonly update: number;
  readonly part: string;
  readonly item: number;
  readonly text: string;
  readonly flow: GradientFlow;
  /** Undefined where training cannot go on from here: why. */
  readonly health: TrainingHealth | string;
  /** Of the updates until here at which the run looked. */
  readonly course: readonly HealthRecord[];
}

export const gradients = defineCommand({
  name: 'gradients',
  summary: 'Show how the gradient flows back through time in a model, and how its training fares',
  usage: ['DIR [--checkpoint U] [FLAGS]', 'CHECKPOINT.safetensors [FLAGS]'],
  description: [
    'For a sequence of the task’s data, the norm of dJ(t)/dh(k): how much of the loss at step t still arrives at step k. ' +
      'The text shows it by distance t - k, as the geometric mean over all losses that reach so far; --json has every ' +
      'norm as its log10, one row a loss, null where no path leads.',
    'Then one update is made on the next batch, and shown: by parameter, the gradient’s norm and the length of the step as ' +
      'a share of the weights’; the share of saturated gates; the spectral radius of each recurrent matrix. Nothing is saved. ' +
      'Of a run, --json has the same of the updates at which it looked while it trained (overTraining).',
  ],
  flags: {
    checkpoint: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Update of the checkpoint; the latest where it is not given',
    },
    best: bestFlag,
    part: { type: 'choice', choices: PARTS, description: 'Which part of the data the sequence is of (validation)' },
    item: { type: 'integer', minimum: 0, maximum: 1_000_000_000, description: 'Which sequence of it, from 0 (0)' },
    steps: {
      type: 'integer',
      minimum: 1,
      maximum: 4096,
      description: 'Length of the sequence, where the data are one stream (as in training)',
    },
    json: jsonFlag,
    ...machineFlags,
  },
  examples: [
    { line: 'gradients runs/adding --json', what: 'Every number, for a machine.' },
    { line: 'gradients runs/whale --steps 100 --item 3', what: 'A longer window of the text.' },
  ],
  arguments: [1, 1],
  async run(values, [path = ''], terminal) {
    const measured = await measure(path, values);
    if (values.json) terminal.line(JSON.stringify(plain(measured)));
    else for (const line of described(measured)) terminal.line(line);
    return 0;
  },
});

interface Request {
  readonly checkpoint?: number;
  readonly best?: boolean;
  readonly part?: string;
  readonly item?: number;
  readonly steps?: number;
  readonly threads?: number;
  readonly build?: Parameters<typeof singleCore>[0];
  readonly workspace?: string;
}

async function measure(path: string, request: Request): Promise<Measured> {
  const found = checkpointOfPath(path, request.checkpoint, request.best ?? false);
  const source = found.path;
  const datasets = found.datasets ?? datasetsFolder(request.workspace, source);
  const checkpoint = readCheckpointFile(source);
  const { experiment, model: weights, progress } = checkpoint;
  const { threads, build, item = 0 } = request;
  const { session } = await continueSession(checkpoint, source, { threads, build, datasets });
  try {
    const { task } = session;
    const part = PARTS.find((known) => known === request.part) ?? 'validation';
    const [example] = takeExamples(task, part, item, 1, request.steps ?? experiment.training.steps);
    if (!example) throw new InputError(`the ${part} part of ${task.id} has no item ${item}: they count from 0`);
    const meter = await FlowMeter.load({
      core: await singleCore(),
      experiment,
      task,
      weights,
      steps: example.steps,
      sourceName: source,
    });
    const flow = meter.measure(example, Infinity);
    const health = healthOf(() => updateHealth(session));
    const { update } = progress;
    const course = courseOf(path).filter((record) => record.update <= update);
    return { source, title: task.title, update, part, item, text: example.text, flow, health, course };
  } finally {
    await session.stop();
  }
}

/** None of a checkpoint's file by itself. */
function courseOf(path: string): readonly HealthRecord[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readHealth(path) : [];
}

function healthOf(update: () => TrainingHealth): TrainingHealth | string {
  try {
    return update();
  } catch (error) {
    if (error instanceof UnrolledError) return error.message;
    throw error;
  }
}

function plain({ source, update, part, item, text, flow, health, course }: Measured): object {
  return {
    checkpoint: source,
    update,
    sequence: { part, item, text },
    steps: flow.steps,
    losses: flow.losses.map((step, row) => ({ step: step + 1, loss: finite(flow.lossValues[row] ?? NaN) })),
    float32Floor: FLOAT32_FLOOR,
    maps: flow.maps.map(({ layer, reverse, state, norms }) => ({
      layer,
      reverse,
      state,
      // "-Infinity" and "Infinity": beyond what can be computed.
      log10: flow.losses.map((_, row) =>
        Array.from(norms.subarray(row * flow.steps, (row + 1) * flow.steps), (norm) => loggedNorm(norm)),
      ),
    })),
    training:
      typeof health === 'string'
        ? { failure: health }
        : {
            ...health,
            parameters: health.parameters.map((one) => ({ ...one, updateRatio: finite(one.updateRatio) })),
          },
    overTraining: course,
  };
}

function loggedNorm(norm: number): number | string | null {
  if (Number.isNaN(norm)) return null;
  return Number.isFinite(norm) ? Number(norm.toPrecision(7)) : String(norm);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function described({ source, title, update, part, item, text, flow, health }: Measured): readonly string[] {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return [
    `${title}: ${source}, after update ${count(update)}`,
    `${part} item ${item}, ${counted(flow.steps, 'step')}, ${flow.losses.length === 1 ? 'one loss' : `${count(flow.losses.length)} losses`}: ${JSON.stringify(shown)}`,
    '',
    ...describedFlow(flow),
    '',
    ...(typeof health === 'string' ? [`No update can be made from here: ${health}`] : describedHealth(health)),
  ];
}

function describedFlow(flow: GradientFlow): readonly string[] {
  const distances = DISTANCES.filter((distance) => distance < flow.steps);
  if (!distances.includes(flow.steps - 1)) distances.push(flow.steps - 1);
  const rows = flow.maps.map((map) => [nameOf(map), ...distances.map((distance) => normAt(flow, map, distance))]);
  const beyond = flow.maps.some(({ norms }) => norms.some((norm) => norm < FLOAT32_FLOOR));
  return [
    ...table(
      [['t - k', ...distances.map(String)], ...rows],
      distances.map((_, i) => i + 1),
    ),
    ...(beyond ? ['Norms below 1.18e-38 are out of float32’s range: training sees 0 or a few bits of them.'] : []),
  ];
}

function nameOf({ layer, reverse, state }: FlowMap): string {
  return `|dJ(t)/d${state === 'hidden' ? 'h' : 'c'}(k)|, layer ${layer + 1}${reverse ? ', reverse' : ''}`;
}

/** The geometric mean over losses, as far as they reach; a reverse direction's steps lie after its losses. */
function normAt({ losses, steps }: GradientFlow, { norms, reverse }: FlowMap, distance: number): string {
  const logs = losses.flatMap((t, row) => {
    const k = reverse ? t + distance : t - distance;
    const norm = k < 0 || k >= steps ? NaN : (norms[row * steps + k] ?? NaN);
    return Number.isNaN(norm) ? [] : [norm];
  });
  if (logs.length === 0) return '';
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  if (mean === -Infinity) return '< 1e-66';
  return mean === Infinity ? '> 1e66' : power(mean);
}

/** "3.2e-41", also where float64 itself would end. */
function power(log10: number): string {
  const exponent = Math.floor(log10);
  const value = 10 ** log10;
  return value >= 1e-3 && value < 1e4 ? figure(value) : `${(10 ** (log10 - exponent)).toFixed(1)}e${exponent}`;
}

function describedHealth({ report, clipScale, parameters, saturation, radii }: TrainingHealth): readonly string[] {
  const clipped =
    clipScale < 1 ? `clipped to ${figure(clipScale * report.gradientNorm)} (x ${figure(clipScale)})` : 'not clipped';
  return [
    `Update ${count(report.update)}: loss ${figure(report.loss)}, gradient norm ${figure(report.gradientNorm)}, ${clipped}`,
    '',
    ...table(
      [
        ['parameter', '|gradient|', '|weights|', '|step| / |weights|'],
        ...parameters.map(({ name, gradientNorm, weightNorm, updateRatio }) => [
          name,
          figure(gradientNorm),
          figure(weightNorm),
          Number.isNaN(updateRatio) ? '-' : figure(updateRatio),
        ]),
      ],
      [1, 2, 3],
    ),
    ...(saturation.length === 0
      ? []
      : [
          '',
          ...table(
            [
              ['saturated', 'low', 'high'],
              ...saturation.map(({ name, low, high }) => [name, percent(low), percent(high)]),
            ],
            [1, 2],
          ),
        ]),
    '',
    ...table(
      radii.map(({ name, gate, spectralRadius }) => [
        `spectral radius of ${name}${gate === undefined ? '' : `, ${gate}`}`,
        figure(spectralRadius),
      ]),
      [1],
    ),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
