/** What the engine itself says of an example, for the exported model to reproduce. */
import type { CoreModule } from '../../core/core.ts';
import type { JsonValue } from '../../json.ts';
import { Predictor } from '../../models/predictor.ts';
import { longestTarget, Translator } from '../../models/translator.ts';
import type { TaskCodec } from '../../tasks/task.ts';
import { exampleOf } from '../example.ts';
import type { AnyTrainedModel } from '../trained-model.ts';

/** Of the example's decoding: a long one of an untrained model hangs on differences of rounding. */
const MOST_COMPARED = 40;
/** Of the example's target. */
const TARGET_STEPS = 8;

/** `tokens` or `values`, `label` and `outputs`; of a translator `source`, `target`, `logits`, `most` and `written`. */
export type Answer = Readonly<Record<string, JsonValue>>;

export async function answerOf(model: AnyTrainedModel, core: CoreModule): Promise<Answer> {
  const { encoded } = exampleOf(model);
  const { experiment, codec, weights } = model;
  const common = { core, experiment, weights, sourceName: 'the model' };
  if (codec.kind === 'translation') {
    const source = encoded.tokens ?? new Int32Array();
    const most = longestTarget(experiment, MOST_COMPARED);
    const target = exampleTarget(codec).slice(0, most);
    const translator = await Translator.load({ ...common, codec, sourceSteps: source.length, steps: most, beams: 1 });
    const { symbols } = translator.write({ tokens: source });
    const logits = translator.logits({ tokens: source }, target);
    return { source: Array.from(source), target, logits: Array.from(logits), most, written: symbols };
  }
  const predictor = await Predictor.load({ ...common, task: codec, steps: encoded.steps });
  return {
    ...(encoded.tokens ? { tokens: Array.from(encoded.tokens) } : { values: Array.from(encoded.values ?? []) }),
    ...(encoded.condition === undefined ? {} : { label: encoded.condition }),
    outputs: Array.from(predictor.run(encoded)),
  };
}

/** A target as a decoder is fed it, whatever the model itself would write. */
function exampleTarget({ boundaries, output, target }: TaskCodec): readonly number[] {
  if (!boundaries || !target || output.kind !== 'labels') throw new TypeError('Only translators have targets.');
  const { start, end } = boundaries;
  const ordinary = output.labels
    .map((_, label) => label)
    .filter((label) => label !== end && !target.excluded.has(label));
  return [start, ...ordinary.slice(0, TARGET_STEPS - 1)];
}
