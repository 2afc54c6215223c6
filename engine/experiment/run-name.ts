/** What runs are called where nobody names them: by what they learn and by what learns it. */
import type { Experiment } from './experiment.ts';

/** "LSTM 256", "RNN 64 × 2", "LSTM encoder-decoder 128", "transformer 128 × 2" */
export function modelName({ model }: Pick<Experiment, 'model'>): string {
  const name = kindName(model);
  return model.layers === 1 ? name : `${name} × ${model.layers}`;
}

function kindName(model: Experiment['model']): string {
  if (model.architecture === 'transformer') return `transformer ${model.modelSize}`;
  const cell = model.cell === 'rnn' ? 'RNN' : model.cell.toUpperCase();
  if (model.architecture === 'recurrent') return `${cell} ${model.hiddenSize}`;
  return `${cell} ${model.attention === 'none' ? 'encoder-decoder' : `${model.attention} attention`} ${model.hiddenSize}`;
}

/** Options of a task that say how much data there are, and not what is asked. */
const OF_THE_DATA = /^(?:id|dataset|validation.*|training.*)$/u;

/** "Adding problem, length 100, RNN 64". `subject`: the title of the task, or of a person's own data. */
export function runName(experiment: Pick<Experiment, 'task' | 'model'>, subject: string): string {
  const options = Object.entries(experiment.task).flatMap(([name, value]) => {
    const plain = typeof value === 'string' || typeof value === 'number';
    return plain && !OF_THE_DATA.test(name) ? [`${words(name)} ${value}`] : [];
  });
  return [subject, ...options, modelName(experiment)].join(', ');
}

/** "shortestWord" as "shortest word" */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
}

/** "Names", then "Names (2)", "Names (3)": a bare number would read as a size. */
export function unusedName(name: string, used: readonly string[]): string {
  const taken = new Set(used);
  if (!taken.has(name)) return name;
  const base = name.replace(/ \([0-9]+\)$/u, '');
  let n = 2;
  while (taken.has(`${base} (${n})`)) n += 1;
  return `${base} (${n})`;
}
