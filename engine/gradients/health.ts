/**
 * How training fares at one update: by parameter, the gradient's norm and how far the weights move; by layer, how much is
 * saturated; of each recurrent matrix, the spectral radius. It makes the update, on the session's next batch.
 */
import type { Session, UpdateReport } from '../training/session.ts';
import { clipScale } from '../team/replica.ts';
import { readParameter } from '../team/parameters.ts';
import { traceNames, traceView } from '../team/traces.ts';
import { norm } from './linear-algebra.ts';
import { radiiOf, type RadiusHealth } from './radii.ts';

export interface ParameterHealth {
  readonly name: string;
  readonly shape: readonly number[];
  /** L2, before clipping. */
  readonly gradientNorm: number;
  /** L2, before the update. */
  readonly weightNorm: number;
  /** L2 of the update, as a share of the weights'; NaN where those are zero. */
  readonly updateRatio: number;
}

/**
 * Karpathy, Johnson & Li 2015 call a gate saturated below 0.1 and above 0.9. tanh is held to where it is as flat: beyond
 * +-0.8, since tanh(x) = 2 sigmoid(2x) - 1.
 */
export interface SaturationHealth {
  /** Of the trace: 'recurrent.l0.forget'. */
  readonly name: string;
  /** Share of values near the function's lower end. */
  readonly low: number;
  /** Near its upper end. */
  readonly high: number;
}

export interface TrainingHealth {
  readonly report: UpdateReport;
  /** What the gradient was multiplied by; below 1 where clipping acted. */
  readonly clipScale: number;
  readonly parameters: readonly ParameterHealth[];
  readonly saturation: readonly SaturationHealth[];
  readonly radii: readonly RadiusHealth[];
}

/** Units whose spectral radii are found within a tenth of a second. */
export const QUICK_UNITS = 128;

export interface HealthLimits {
  /** No spectral radius of larger matrices: it takes time with the cube of their size. */
  readonly mostUnits: number;
  /** Of a batch, the first so many items whose values are looked at. */
  readonly mostItems: number;
}

/** What a run can look at while it trains. */
export const WHILE_TRAINING: HealthLimits = { mostUnits: 64, mostItems: 4 };
const WITHOUT_LIMITS: HealthLimits = { mostUnits: Infinity, mostItems: Infinity };

/** Makes one update of the session. Throws DivergenceError where that cannot be. */
export function updateHealth(session: Session, limits = WITHOUT_LIMITS): TrainingHealth {
  const { team, experiment } = session;
  const { core, layout } = team;
  const { list } = layout.parameters;
  const before = list.map((parameter) => readParameter(core.f32, parameter));
  const report = session.step();
  const offset = layout.placed[0]?.plan.gradientOffset ?? 0;
  const parameters = list.map((parameter, index): ParameterHealth => {
    const weights = before[index]!;
    const moved = readParameter(core.f32, parameter).map((value, i) => value - weights[i]!);
    const weightNorm = norm(weights);
    return {
      name: parameter.name,
      shape: parameter.shape,
      gradientNorm: norm(readParameter(core.f32, parameter, offset)),
      weightNorm,
      updateRatio: weightNorm === 0 ? NaN : norm(moved) / weightNorm,
    };
  });
  return {
    report,
    clipScale: clipScale(report.gradientNorm, experiment.training.clipNorm),
    parameters,
    saturation: saturationOf(session, limits),
    radii: list.flatMap(({ name, shape }, index) =>
      (shape[1] ?? 0) > limits.mostUnits ? [] : radiiOf(name, shape, before[index]!),
    ),
  };
}

const SIGMOID = /^recurrent\..*\.(input|forget|output|reset|update)$/u;
const TANH = /^recurrent\..*\.(candidate|preactivation|hidden)$/u;

function saturationOf({ team, spec }: Session, { mostItems }: HealthLimits): readonly SaturationHealth[] {
  const relu = 'relu' in spec && spec.relu;
  return traceNames(team).flatMap((name): readonly SaturationHealth[] => {
    const sigmoid = SIGMOID.test(name);
    // The plain cell's buffer of preactivations is not what its function gives, and the LSTM's h is a product.
    const tanh =
      TANH.test(name) && name.endsWith('cell' in spec && spec.cell === 'rnn' ? '.hidden' : '.candidate') && !relu;
    if (!sigmoid && !tanh) return [];
    const view = traceView(team, name);
    const parts =
      view.batch <= mostItems ? [view.toArray()] : Array.from({ length: mostItems }, (_, item) => view.toArray(item));
    const [lower, upper] = sigmoid ? [0.1, 0.9] : [-0.8, 0.8];
    let [low, high, all] = [0, 0, 0];
    for (const values of parts) {
      all += values.length;
      for (const value of values) {
        if (value < lower) low++;
        else if (value > upper) high++;
      }
    }
    return [{ name, low: low / all, high: high / all }];
  });
}
