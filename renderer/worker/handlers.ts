/**
 * What the page's own worker can do, by name. Each explorer adds the functions of its own module here; their types are
 * what `lab.engine.ask` has (state/page-engine.ts). A handler takes one plain value and gives one, or throws UnrolledError.
 */
import type { Quantity } from '../../engine/explain/quantity.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import type { Pattern, Stretch, Tracking } from '../../engine/explain/tracking.ts';
import type { SourceReach } from '../../engine/explain/attention-examination.ts';
import {
  Attentions,
  type AttentionArgs,
  type AttentionTold,
  type PairGates,
  type PairGatesArgs,
  type ReachArgs,
} from './attentions.ts';
import { Bottlenecks, type BottleneckArgs, type BottleneckTold, type LengthScore } from './bottleneck.ts';
import { buffersOf, Examiner, type Examined, type ExamineArgs, type SurveyArgs } from './examine.ts';
import type { RaceSettings } from '../../engine/gradients/race-settings.ts';
import type { UnrolledNetwork, UnrolledWeights } from '../../engine/gradients/unrolled-network.ts';
import {
  backwardPass,
  coursePoint,
  Flows,
  unrollWindow,
  type CoursePoint,
  type FlowArgs,
  type Flowed,
  type UnrollArgs,
  type UnrolledWindow,
} from './gradients.ts';
import type { ModelKey } from './model-key.ts';
import { Models, type ModelFacts } from './models.ts';
import type { SequenceAnswer } from '../../engine/sequences/answer.ts';
import type { TrialMeasure, TrialState } from '../../engine/sequences/trial.ts';
import { RunAnswers, type RunAnswerArgs } from './run-answers.ts';
import { Trials, type TrialArgs } from './trials.ts';
import {
  Translations,
  type DrawArgs,
  type Drawn,
  type Searched,
  type TranslateArgs,
  type Translated,
} from './translations.ts';
import { HandedOver } from './rpc.ts';
import { Races, type RaceStarted, type RaceStretch } from './race.ts';

const models = new Models();
const examiner = new Examiner(models);
const flows = new Flows();
const translations = new Translations(models);
const trials = new Trials(models);
const attentions = new Attentions(models);
const bottlenecks = new Bottlenecks(models, translations);
const races = new Races();
const runAnswers = new RunAnswers(models, translations);

export const handlers = {
  /** Opens a checkpoint; everything else is then asked of its key. */
  open: ({ key, bytes }: { readonly key: ModelKey; readonly bytes: Uint8Array }): ModelFacts => models.open(key, bytes),
  /** One sequence through a layer of a model: its gates and states at every step. */
  examine: async (args: ExamineArgs & { readonly known: boolean }): Promise<HandedOver<Examined>> => {
    const examined = await examiner.examine(args);
    return new HandedOver(examined, buffersOf(examined));
  },
  /** One number of such a pass, with its formula and operands. */
  quantity: (args: ExamineArgs & { readonly quantity: string }): Promise<Quantity> => examiner.quantity(args),
  /** Every unit by how well it tells a property of many items of the data. */
  track: (args: SurveyArgs & { readonly property: string }): Promise<readonly Tracking[]> => examiner.track(args),
  /** Where else in the data units are on. */
  places: (
    args: SurveyArgs & { readonly pattern: readonly Pattern[]; readonly most: number },
  ): Promise<readonly Stretch[]> => examiner.places(args),
  /** How a model's gradient flows back through one sequence. */
  flow: (args: FlowArgs): Promise<Flowed> => flows.measure(models, args),
  /** One checkpoint's part of the gradients' course over training. */
  course: (args: FlowArgs): Promise<CoursePoint> => coursePoint(models, flows, args),
  /** A few steps of a model's top layer, as a textbook's network. */
  unroll: (args: UnrollArgs): Promise<UnrolledWindow> => unrollWindow(models, args),
  /** A source translated, as the model is and with what is changed. */
  translate: (args: TranslateArgs): Promise<Translated> => translations.translate(args),
  /** The branches of a beam over the same. */
  search: (args: TranslateArgs): Promise<Searched> => translations.search(args),
  /** Decodings of the same, drawn. */
  draw: (args: DrawArgs): Promise<readonly Drawn[]> => translations.draw(args),
  /** All attentions of a model over one sequence, one of them opened. */
  attention: (args: AttentionArgs): Promise<AttentionTold> => attentions.look(args),
  /** One number of it, with its formula and operands. */
  attentionQuantity: (args: AttentionArgs & { readonly quantity: string }): Promise<Quantity> =>
    attentions.quantity(args),
  /** The cells of an encoder or a decoder as the model translates a source. */
  pairGates: (args: PairGatesArgs): Promise<PairGates> => attentions.gates(args),
  /** How far back into its source each symbol of a decoding reaches. */
  reach: (args: ReachArgs): Promise<SourceReach> => attentions.reach(args),
  /** What lies between encoder and decoder of two sources, and along the line from one to the other. */
  bottleneck: (args: BottleneckArgs): Promise<BottleneckTold> => bottlenecks.look(args),
  /** One number of it, with its formula and operands. */
  bottleneckQuantity: (args: BottleneckArgs & { readonly quantity: string }): Promise<Quantity> =>
    bottlenecks.quantity(args),
  /** How well sources come back, by their length. */
  bottleneckScore: (args: {
    readonly key: ModelKey;
    readonly examples: readonly Example[];
  }): Promise<readonly LengthScore[]> => bottlenecks.score(args),
  /** What a run's model makes of an input, symbol by symbol. */
  answerRun: (args: RunAnswerArgs): Promise<SequenceAnswer> => runAnswers.answer(args),
  /** A small model that is trained here: as it is, or from fresh weights. */
  beginTrial: (args: TrialArgs & { readonly anew: boolean }): Promise<TrialState> => trials.begin(args),
  /** Some more of its updates. */
  trainTrial: (args: TrialArgs & { readonly milliseconds: number }): Promise<TrialState> => trials.train(args),
  /** What it makes of an input. */
  answerTrial: (args: TrialArgs & { readonly text: string }): Promise<SequenceAnswer> => trials.answer(args),
  /** What it makes of items that were held out. */
  measureTrial: (args: TrialArgs & { readonly items: number }): Promise<TrialMeasure> => trials.measure(args),
  /** The engine's backward pass over a textbook's network. */
  backwardPass: (network: UnrolledNetwork): Promise<UnrolledWeights> => backwardPass(models, network),
  /** Models that are to learn from the same batches; `number` is the page's name for the race. */
  startRace: (args: { readonly number: number; readonly settings: RaceSettings }): Promise<RaceStarted> =>
    races.start(models, args),
  /** A stretch of a race. */
  advanceRace: (args: { readonly number: number; readonly most: number; readonly milliseconds: number }): RaceStretch =>
    races.advance(args),
  stopRace: (): Promise<void> => races.stop(),
};

export type WorkerHandlers = typeof handlers;
