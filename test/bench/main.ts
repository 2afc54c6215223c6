/**
 * Measures training speed: this project with dense and one-hot inputs and each number of threads, TensorFlow.js, and
 * PyTorch where it is installed, in interleaved rounds; and models with attention, training (beside PyTorch, and a
 * transformer beside TensorFlow.js) and decoding. Exit status 0: measured; 1: a contestant failed or does other work;
 * 2: bad flags.
 */
import { UnrolledError } from '../../engine/errors.ts';
import {
  startModel,
  startPyTorch,
  startPyTorchModel,
  startTensorFlow,
  startTensorFlowModel,
  startUnrolled,
  type Contestant,
} from './contestant.ts';
import { parseFlags, type Flags } from './flags.ts';
import { hasTensorFlowParts, operationsOf, tokensOf, type ModelCase } from './model-cases.ts';
import { fastestGflops, interleave, median, medianRatio, sameLosses, speedOf } from './measure.ts';
import type { Round } from './protocol.ts';
import { describe, type Line, type ModelLine, type OtherModelLine, type OwnLine } from './report.ts';
import type { BenchCase, InputKind } from './workload.ts';

interface Own {
  readonly contestant: Contestant;
  readonly input: InputKind;
  readonly threads: number;
}

interface Other {
  readonly contestant: Contestant;
  readonly library: 'TensorFlow.js layers' | 'TensorFlow.js by hand' | 'PyTorch';
}

const NO_PYTORCH = { library: 'PyTorch', missing: 'not installed: no Python has the module torch' } as const;

async function benchmark(benchCase: BenchCase, flags: Flags, print: (line: Line) => void): Promise<void> {
  const started: Contestant[] = [];
  const keep = (contestant: Contestant): Contestant => {
    started.push(contestant);
    return contestant;
  };
  try {
    const own: Own[] = [];
    for (const input of ['dense', 'one-hot'] as const) {
      for (const threads of flags.threads) {
        for (const build of flags.builds) {
          const contestant = keep(await startUnrolled(benchCase, { input, threads, build }));
          own.push({ contestant, input, threads });
        }
      }
    }
    const others: Other[] = [
      { contestant: keep(await startTensorFlow(benchCase, 'layers')), library: 'TensorFlow.js layers' },
      { contestant: keep(await startTensorFlow(benchCase, 'hand')), library: 'TensorFlow.js by hand' },
    ];
    const pytorch = startPyTorch(benchCase);
    if (pytorch) others.push({ contestant: keep(await pytorch), library: 'PyTorch' });
    else print({ case: benchCase.name, ...NO_PYTORCH });
    checkSameWork(benchCase, own, others);

    const rounds = await interleave(started, flags.seconds);
    const roundsOf = ({ contestant }: Own | Other): Round[] => rounds[started.indexOf(contestant)] ?? [];
    for (const entry of own) print(ownLine(benchCase, entry, roundsOf(entry)));
    for (const entry of others) {
      const { about } = entry.contestant.ready;
      print({ case: benchCase.name, input: 'dense', library: about, ...speedOf(benchCase, 'dense', roundsOf(entry)) });
    }
    for (const entry of own.filter(({ input }) => input === 'dense')) {
      for (const other of others) {
        print({
          case: benchCase.name,
          input: 'dense',
          build: entry.contestant.ready.build ?? '',
          threads: entry.threads,
          against: other.library,
          rounds: Math.min(roundsOf(entry).length, roundsOf(other).length),
          medianRatio: medianRatio(roundsOf(entry), roundsOf(other)),
        });
      }
    }
  } finally {
    await Promise.all(started.map((contestant) => contestant.stop()));
  }
}

/** Decodings take one thread: a source in every keystroke leaves nothing to share out. */
async function benchmarkModel(modelCase: ModelCase, flags: Flags, print: (line: Line) => void): Promise<void> {
  const threads = modelCase.work === 'train' ? flags.threads : [1];
  const started: { readonly contestant: Contestant; readonly threads: number }[] = [];
  const others: Other[] = [];
  try {
    for (const count of threads) {
      for (const build of flags.builds) {
        started.push({ contestant: await startModel(modelCase, count, build), threads: count });
      }
    }
    if (hasTensorFlowParts(modelCase)) {
      others.push({ contestant: await startTensorFlowModel(modelCase), library: 'TensorFlow.js by hand' });
    }
    if (modelCase.work === 'train') {
      const pytorch = await startPyTorchModel(modelCase);
      if (pytorch) others.push({ contestant: pytorch, library: 'PyTorch' });
      else print({ case: modelCase.name, ...NO_PYTORCH });
    }
    for (const { contestant } of others) checkSameLosses(modelCase.name, started[0]?.contestant, contestant);
    const contestants = [...started, ...others].map(({ contestant }) => contestant);
    const rounds = await interleave(contestants, flags.seconds);
    for (const [index, entry] of started.entries()) print(modelLine(modelCase, entry, rounds[index] ?? []));
    const theirRounds = (place: number): readonly Round[] => rounds[started.length + place] ?? [];
    for (const [place, { contestant }] of others.entries()) {
      print(otherModelLine(modelCase, contestant.ready.about, theirRounds(place)));
    }
    for (const [index, { contestant, threads: count }] of started.entries()) {
      const ours = rounds[index] ?? [];
      for (const [place, { library }] of others.entries()) {
        const theirs = theirRounds(place);
        print({
          case: modelCase.name,
          build: contestant.ready.build ?? '',
          threads: count,
          against: library,
          rounds: Math.min(ours.length, theirs.length),
          medianRatio: medianRatio(ours, theirs),
        });
      }
    }
  } finally {
    await Promise.all([...started, ...others].map(({ contestant }) => contestant.stop()));
  }
}

function modelLine(
  modelCase: ModelCase,
  { contestant, threads }: { readonly contestant: Contestant; readonly threads: number },
  rounds: readonly Round[],
): ModelLine {
  const msPerStep = median(rounds.map(({ milliseconds, steps }) => milliseconds / steps));
  const line = {
    case: modelCase.name,
    model: modelCase.spec.architecture,
    work: modelCase.work,
    build: contestant.ready.build ?? '',
    threads,
    msPerStep,
    tokensPerSecond: (tokensOf(modelCase) / msPerStep) * 1000,
    residentBytes: Math.max(...rounds.map((round) => round.residentBytes ?? 0)),
  };
  if (modelCase.work === 'decode') return line;
  const peakGflops = median(rounds.map((round) => round.peakGflops ?? NaN)) * threads;
  const fastest = operationsOf(modelCase) / Math.min(...rounds.map((round) => round.fastest)) / 1e6;
  return { ...line, peakGflops, percentOfPeak: (100 * fastest) / peakGflops };
}

function otherModelLine(modelCase: ModelCase, library: string, rounds: readonly Round[]): OtherModelLine {
  const msPerStep = median(rounds.map(({ milliseconds, steps }) => milliseconds / steps));
  const tokensPerSecond = (tokensOf(modelCase) / msPerStep) * 1000;
  return { case: modelCase.name, library, work: 'train', msPerStep, tokensPerSecond };
}

function ownLine(benchCase: BenchCase, { contestant, input, threads }: Own, rounds: readonly Round[]): OwnLine {
  const speed = speedOf(benchCase, input, rounds);
  const working = Math.min(threads, benchCase.batch);
  const peakGflops = median(rounds.map((round) => round.peakGflops ?? NaN)) * working;
  return {
    case: benchCase.name,
    input,
    build: contestant.ready.build ?? '',
    threads,
    ...speed,
    peakGflops,
    percentOfPeak: (100 * fastestGflops(benchCase, input, rounds)) / peakGflops,
    residentBytes: Math.max(...rounds.map((round) => round.residentBytes ?? 0)),
  };
}

// Dense inputs are the same for all; one-hot ones for this project alone, at every number of threads.
function checkSameWork({ name }: BenchCase, own: readonly Own[], others: readonly Other[]): void {
  const [dense] = own;
  for (const { contestant, input } of [...own, ...others.map((other) => ({ ...other, input: 'dense' as const }))]) {
    const reference = own.find((entry) => entry.input === input) ?? dense;
    checkSameLosses(name, reference?.contestant, contestant);
  }
}

function checkSameLosses(name: string, reference: Contestant | undefined, { ready }: Contestant): void {
  const ours = reference?.ready.losses ?? [];
  if (sameLosses(ours, ready.losses)) return;
  throw new Error(
    `${name}: ${ready.about} does other work: its losses are ${ready.losses.join(', ')}, not ${ours.join(', ')}.`,
  );
}

try {
  const flags = parseFlags(process.argv.slice(2));
  const print = (line: Line) => {
    console.log(flags.json ? JSON.stringify(line) : describe(line));
  };
  for (const benchCase of flags.cases) await benchmark(benchCase, flags, print);
  for (const modelCase of flags.models) await benchmarkModel(modelCase, flags, print);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const person = error instanceof UnrolledError;
  console.error([error.message, person ? error.hint : undefined].filter(Boolean).join('\n'));
  process.exitCode = person ? 2 : 1;
}
