/** Which tensors beside a recurrent stack are its embedding and its head. */
import type { FloatTensors } from '../formats/checkpoint.ts';
import { refuse, sizes } from './found-model.ts';

export interface Ends {
  /** Name of the embedding's weight. */
  readonly embedding: string | undefined;
  /** Name of the head's weight; the embedding's where they are tied. */
  readonly head: string | undefined;
  readonly headBias: string | undefined;
}

export interface StackPlace {
  /** What the names of the stack's tensors begin with. */
  readonly prefix: string;
  /** Of the first layer. */
  readonly inputSize: number;
  /** Of the last layer's output. */
  readonly width: number;
}

const LIKELY_EMBEDDING = /emb|tok|lookup|wte|vocab|^enc(?:oder)?\.weight$/iu;
const LIKELY_HEAD = /head|fc|linear|out|decoder|classif|proj|logit|dense/iu;

/** `free`: tensors that the stack does not take. Throws FormatError where a tensor could be either. */
export function findEnds(free: FloatTensors, place: StackPlace, sourceName: string): Ends {
  const { inputSize, width } = place;
  const shapeOf = (name: string) => free.get(name)?.shape ?? [];
  const matrices = [...free.keys()].filter((name) => name.endsWith('weight') && shapeOf(name).length === 2);
  const biasOf = (name: string) => {
    const bias = `${name.slice(0, -'weight'.length)}bias`;
    const { shape } = free.get(bias) ?? {};
    return shape?.length === 1 && shape[0] === shapeOf(name)[0] ? bias : undefined;
  };
  const isTable = (name: string) => LIKELY_EMBEDDING.test(name) || sideOf(name, place.prefix) === 'before';
  const heads = matrices.filter((name) => shapeOf(name)[1] === width && !isTable(name));
  const head =
    heads.findLast((name) => LIKELY_HEAD.test(name) || sideOf(name, place.prefix) === 'after') ??
    heads.findLast((name) => biasOf(name) !== undefined) ??
    (inputSize === width ? undefined : heads.at(-1));

  const tables = matrices.filter(
    (name) => name !== head && shapeOf(name)[1] === inputSize && biasOf(name) === undefined && !heads.includes(name),
  );
  const unnamed = matrices.filter((name) => heads.includes(name) && name !== head && shapeOf(name)[1] === inputSize);
  const embedding = tables.findLast(isTable) ?? tables.at(-1) ?? unnamed.find((name) => isSameTable(free, name, head));
  const unclear = embedding === undefined ? unnamed.find((name) => biasOf(name) === undefined) : undefined;
  const square = embedding !== undefined && !isTable(embedding) && shapeOf(embedding)[0] === inputSize;
  if (unclear !== undefined || square) {
    const name = unclear ?? embedding ?? '';
    return refuse(
      sourceName,
      `${JSON.stringify(name.slice(0, 80))} ${sizes(shapeOf(name))} could be an embedding or a linear layer by its ` +
        'shape; its name does not say which (call it "embedding.weight" or "head.weight")',
    );
  }
  if (head !== undefined) return { embedding, head, headBias: biasOf(head) };
  // A file that keeps tied weights once has the head's bias alone.
  const symbols = embedding === undefined ? undefined : shapeOf(embedding)[0];
  const biases = [...free.keys()].filter(
    (name) => name.endsWith('bias') && shapeOf(name).length === 1 && shapeOf(name)[0] === symbols,
  );
  const tied = inputSize === width && biases.length === 1 && !free.has(`${biases[0]!.slice(0, -'bias'.length)}weight`);
  return { embedding, head: tied ? embedding : undefined, headBias: tied ? biases[0] : undefined };
}

/** An embedding and a head over the same symbols: the model reads and writes one vocabulary. */
function isSameTable(free: FloatTensors, name: string, head: string | undefined): boolean {
  return head !== undefined && free.get(name)?.shape[0] === free.get(head)?.shape[0];
}

/** Where a module of nn.Sequential stands by its number: "0.weight" before the stack "1.". */
function sideOf(name: string, prefix: string): 'before' | 'after' | undefined {
  const [, parent, number] = /^(.*?)(\d+)\.weight$/su.exec(name) ?? [];
  const [, stackParent, stackNumber] = /^(.*?)(\d+)\.$/su.exec(prefix) ?? [];
  if (number === undefined || stackNumber === undefined || parent !== stackParent) return undefined;
  return Number(number) < Number(stackNumber) ? 'before' : 'after';
}
