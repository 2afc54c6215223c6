/** Contestants as child processes: each has its own engine, caches and memory, and waits while another measures. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonWith } from '../python.ts';
import type { BuildChoice } from './flags.ts';
import { pythonDefinitions, STRIDES, type ModelCase } from './model-cases.ts';
import { FIRST_STEPS, type Ready, type Round } from './protocol.ts';
import { ADAM, CLASSES, CLIP_NORM, INPUTS, type BenchCase, type InputKind } from './workload.ts';

export interface Contestant {
  readonly ready: Ready;
  /** Trains for at least this long, and at least one step. */
  round(seconds: number): Promise<Round>;
  stop(): Promise<void>;
}

export interface OwnSettings {
  readonly input: InputKind;
  readonly threads: number;
  readonly build: BuildChoice;
}

export function startUnrolled(benchCase: BenchCase, { input, threads, build }: OwnSettings): Promise<Contestant> {
  const args = [benchCase.name, input, String(threads), build];
  return start(process.execPath, [pathOf('unrolled.ts'), ...args]);
}

/** One of this project's models with attention. */
export function startModel({ name }: ModelCase, threads: number, build: BuildChoice): Promise<Contestant> {
  return start(process.execPath, [pathOf('model.ts'), name, String(threads), build]);
}

/** The step as tf.layers has it, or as fast as its operations go. */
export type TensorFlowStep = 'layers' | 'hand';

export function startTensorFlow(benchCase: BenchCase, step: TensorFlowStep): Promise<Contestant> {
  return start(process.execPath, [pathOf('tensorflow.ts'), benchCase.name, step]);
}

/** The same of a model that `hasTensorFlowParts`. */
export function startTensorFlowModel({ name }: ModelCase): Promise<Contestant> {
  return start(process.execPath, [pathOf('tensorflow-model.ts'), name]);
}

/** Undefined where no Python has torch. */
export function startPyTorch({ steps, batch, hidden }: BenchCase): Promise<Contestant> | undefined {
  return startPython({ steps, batch, hidden, inputs: INPUTS, classes: CLASSES });
}

/** The same of a model with attention, in training. */
export function startPyTorchModel(modelCase: ModelCase): Promise<Contestant> | undefined {
  const { steps, sourceSteps, batchSize, output } = modelCase.spec;
  return startPython({
    definitions: pythonDefinitions(modelCase),
    steps,
    sourceSteps,
    batch: batchSize,
    classes: output.kind === 'labels' ? output.count : output.width,
    strides: STRIDES,
  });
}

function startPython(work: object): Promise<Contestant> | undefined {
  const python = pythonWith('torch');
  const all = { ...work, ...ADAM, clipNorm: CLIP_NORM, firstSteps: FIRST_STEPS };
  return python === undefined ? undefined : start(python, [pathOf('pytorch.py'), JSON.stringify(all)]);
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

async function start(command: string, args: readonly string[]): Promise<Contestant> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const answers = answersOf(createInterface({ input: child.stdout }));
  const answer = async (): Promise<unknown> => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${args[0] ?? command} ended in the middle of the benchmark:\n${complaints.trim()}`);
    return value;
  };
  return {
    ready: (await answer()) as Ready,
    async round(seconds) {
      child.stdin.write(`${seconds}\n`);
      return (await answer()) as Round;
    },
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}

async function* answersOf(lines: Interface): AsyncGenerator<unknown, undefined> {
  for await (const line of lines) if (line.startsWith('{')) yield JSON.parse(line);
}
