/** Tensors of a file that have no place in the model: what they compute would be lost, so the file is refused. */
import { FormatError } from '../errors.ts';
import { sizes, type NamedShape } from './found-model.ts';

const MAX_SHOWN = 4;

/** Throws FormatError where there are such. `model`: what the models here have. */
export function refuseLeftOver(
  leftOver: readonly NamedShape[],
  sourceName: string,
  model = 'a model here is an embedding, one stack of recurrent layers and one linear layer',
): void {
  if (leftOver.length === 0) return;
  const modules = Map.groupBy(leftOver, ({ name }) => moduleOf(name));
  const shown = [...modules].slice(0, MAX_SHOWN).map(([module, tensors]) => describeModule(module, tensors));
  const more = modules.size > MAX_SHOWN ? `; and ${modules.size - MAX_SHOWN} more` : '';
  throw new FormatError(
    `${sourceName} has weights that the model would leave out: ${shown.join('; ')}${more}. ${capitalized(model)}, so it would compute another function`,
    'If the model computes the same without them, save the file without them. Otherwise it cannot be opened here.',
  );
}

function describeModule(module: string, tensors: readonly NamedShape[]): string {
  const parts = tensors
    .toSorted((a, b) => Number(b.name.endsWith('weight')) - Number(a.name.endsWith('weight')))
    .slice(0, MAX_SHOWN)
    .map(({ name, shape }) => `${JSON.stringify(name.slice(0, 80))} ${sizes(shape)}`);
  const more = tensors.length > MAX_SHOWN ? ` and ${tensors.length - MAX_SHOWN} more` : '';
  return `${parts.join(', ')}${more} (${kindOf(module, tensors)})`;
}

/** What the names and shapes of a module's tensors suggest. */
function kindOf(module: string, tensors: readonly NamedShape[]): string {
  const has = (part: RegExp) => tensors.some(({ name }) => part.test(name));
  const weight = tensors.find(({ name }) => name.endsWith('weight'));
  if (has(/(?:weight|bias)_(?:ih|hh|hr)_l\d+/u)) return 'other recurrent layers';
  if (has(/(?:weight|bias)_(?:ih|hh)$/u)) return 'a single recurrent cell';
  if (has(/running_(?:mean|var)|num_batches_tracked/u)) return 'a batch normalization';
  if (has(/in_proj_weight/u)) return 'an attention';
  if (weight?.shape.length === 2) return /emb/iu.test(module) ? 'another embedding' : 'another linear layer';
  if (weight?.shape.length === 1) return 'a normalization';
  if ((weight?.shape.length ?? 0) > 2) return 'a convolution';
  if (tensors.every(({ name }) => name.endsWith('bias'))) return 'a bias without a weight';
  return 'not known here';
}

function moduleOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
