/**
 * Several models in lock-step: each update is made by all of them, on the same batch. A model that diverges stops where
 * it is; the others go on.
 */
import type { CoreModule } from '../core/core.ts';
import { DivergenceError } from '../errors.ts';
import { takeExamples, type Example } from '../tasks/examples.ts';
import { makeTask } from '../tasks/registry.ts';
import type { Metric, Task } from '../tasks/task.ts';
import { judgeBenchmark, type BenchmarkVerdict } from '../tasks/verdicts.ts';
import { clipScale } from '../team/replica.ts';
import { Session } from '../training/session.ts';
import { FlowMeter, type GradientFlow } from './flow.ts';
import { laneExperiment, unitsOf, type LaneSettings, type RaceSettings } from './race-settings.ts';

/** What is known of a lane before it learns. */
export interface LaneFacts {
  readonly units: number;
  readonly parameters: number;
}

/** A lane's state after an update. */
export interface LaneUpdate {
  /** Updates made: the same in all lanes that still learn. */
  readonly update: number;
  /** On the update's batch, before it. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** What the gradient was multiplied by: below 1 where clipping acted. */
  readonly clipScale: number;
}

/** How a lane fares on what it was not trained on. */
export interface LaneResult {
  readonly metrics: readonly Metric[];
  readonly verdict: BenchmarkVerdict | undefined;
}

interface Lane {
  readonly session: Session;
  readonly meter: FlowMeter;
  last: LaneUpdate | undefined;
  /** The last that was measured: of weights that have diverged nothing can be said. */
  flow: GradientFlow;
  failure: string | undefined;
}

const OF_THE_LANE = 'the lane’s weights';

export class Race {
  readonly settings: RaceSettings;
  readonly facts: readonly LaneFacts[];
  /** What maps are of: the first sequence that is held out. */
  readonly example: Example;
  readonly #lanes: readonly Lane[];
  #update = 0;

  static async start(core: CoreModule, settings: RaceSettings): Promise<Race> {
    const [first] = settings.lanes;
    if (first === undefined) throw new RangeError('A race has at least one lane.');
    const task = makeTask(laneExperiment(first, settings).task, settings.seed, null);
    const [example] = takeExamples(task, 'validation', 0, 1, settings.steps);
    if (example === undefined) throw new RangeError('A task has at least one item that is held out.');
    const lanes: Lane[] = [];
    for (const lane of settings.lanes) lanes.push(await startLane(core, lane, settings, task, example));
    return new Race(settings, lanes, example);
  }

  private constructor(settings: RaceSettings, lanes: readonly Lane[], example: Example) {
    this.settings = settings;
    this.example = example;
    this.#lanes = lanes;
    this.facts = lanes.map(({ session }, index) => ({
      units: unitsOf(settings.lanes[index]!, settings),
      parameters: session.parameterCount,
    }));
  }

  /** Updates made. */
  get update(): number {
    return this.#update;
  }

  /** By lane, why it cannot go on; undefined where it can. */
  get failures(): readonly (string | undefined)[] {
    return this.#lanes.map(({ failure }) => failure);
  }

  get finished(): boolean {
    return this.#update >= this.settings.updates || this.#lanes.every(({ failure }) => failure !== undefined);
  }

  /** One update of every lane that still learns; by lane, its last one. */
  step(): readonly (LaneUpdate | undefined)[] {
    if (this.finished) return this.#lanes.map(({ last }) => last);
    this.#update += 1;
    for (const lane of this.#lanes) stepLane(lane);
    return this.#lanes.map(({ last }) => last);
  }

  /** By lane, how its gradient flows back through the example now, or did before the lane diverged. */
  flows(): readonly GradientFlow[] {
    return this.#lanes.map((lane) => {
      if (lane.failure === undefined) {
        lane.meter.setWeights(lane.session.parameters(), OF_THE_LANE);
        lane.flow = lane.meter.measure(this.example);
      }
      return lane.flow;
    });
  }

  /** By lane, on everything that is held out; undefined where it has diverged. */
  results(): readonly (LaneResult | undefined)[] {
    return this.#lanes.map(({ session, failure }) => {
      if (failure !== undefined) return undefined;
      const { metrics } = session.evaluate();
      return { metrics, verdict: judgeBenchmark(metrics, session.task.criterion) };
    });
  }

  /** It cannot be used afterwards. */
  async stop(): Promise<void> {
    for (const { session } of this.#lanes) await session.stop();
  }
}

async function startLane(
  core: CoreModule,
  lane: LaneSettings,
  race: RaceSettings,
  task: Task,
  example: Example,
): Promise<Lane> {
  const experiment = laneExperiment(lane, race);
  const window = lane.window === 0 ? {} : { window: lane.window };
  // Batches follow from seed, batch size and task, which all lanes share.
  const session = await Session.start({ core, experiment, task, threads: 1, ...window });
  const weights = session.parameters();
  const { steps } = example;
  const meter = await FlowMeter.load({ core, experiment, task, weights, steps, sourceName: OF_THE_LANE, ...window });
  return { session, meter, last: undefined, flow: meter.measure(example), failure: undefined };
}

function stepLane(lane: Lane): void {
  if (lane.failure !== undefined) return;
  const { session } = lane;
  try {
    const { update, loss, gradientNorm } = session.step();
    const scale = clipScale(gradientNorm, session.experiment.training.clipNorm);
    lane.last = { update, loss, gradientNorm, clipScale: scale };
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    lane.failure = error.message;
  }
}
