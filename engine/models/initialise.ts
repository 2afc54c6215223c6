/**
 * Initial weights, from the seed and each parameter's place in the list alone. They are drawn by the core in a memory
 * of their own, so that a network's plan has no room that training never uses.
 */
import { ARENA_START, createMemory, instantiateCore, type Core, type CoreModule } from '../core/core.ts';
import { writeParameter, type Initial, type Parameter } from '../team/parameters.ts';

/** Streams of the generator below this one belong to dropout. */
const FIRST_STREAM = 1000;

/** Fills every parameter of `core`'s memory. */
export function initialiseParameters(module: CoreModule, core: Core, parameters: readonly Parameter[], seed: number) {
  const largest = parameters.reduce((most, { shape }) => Math.max(most, sizeOf(shape)), 0);
  // Three times: the whole, one block of it (at most the whole), and what orthogonalisation works in.
  const memory = createMemory(ARENA_START + 3 * (largest + 16) * 4, module.shared);
  const scratch = instantiateCore(module, memory);
  parameters.forEach((parameter, index) => {
    const [rows = 1, columns = 1] = parameter.shape;
    fill(scratch, parameter.initial, { at: ARENA_START, rows, columns }, seed, FIRST_STREAM + index * 16);
    const from = ARENA_START / 4;
    writeParameter(core.f32, parameter, scratch.f32.subarray(from, from + rows * columns));
  });
}

interface Block {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

function fill(core: Core, initial: Initial, block: Block, seed: number, stream: number): void {
  const { kernels } = core;
  const { at, rows, columns } = block;
  const count = rows * columns;
  const padded = Math.ceil(count / 4) * 4;
  switch (initial.kind) {
    case 'constant':
      kernels.f32_fill(padded, initial.value, at);
      return;
    case 'uniform':
      kernels.f32_uniform(padded, -initial.bound, initial.bound, at, seed, stream);
      return;
    case 'normal':
      kernels.f32_normal(padded, 0, initial.deviation, at, seed, stream);
      return;
    case 'xavier': {
      const bound = initial.gain * Math.sqrt(6 / (initial.rows + columns));
      kernels.f32_uniform(padded, -bound, bound, at, seed, stream);
      return;
    }
    case 'orthogonal':
      eachBlock(
        core,
        rows / initial.rows,
        initial.rows * columns,
        (room, scratch, index) => {
          kernels.f32_orthogonal(initial.rows, columns, initial.gain, room, scratch, seed, stream + index);
        },
        at,
        count,
      );
      return;
    case 'identity':
      core.f32.fill(0, at / 4, at / 4 + count);
      for (let row = 0; row < rows; row++) core.f32[at / 4 + row * columns + (row % columns)] = initial.gain;
      return;
    case 'chrono': {
      kernels.f32_uniform(padded, 1, initial.steps - 1, at, seed, stream);
      const bias = core.f32.subarray(at / 4, at / 4 + count);
      const units = count / 4;
      for (let unit = 0; unit < units; unit++) {
        const forget = Math.log(bias[unit] ?? 1);
        bias[unit] = -forget;
        bias[units + unit] = forget;
      }
      bias.fill(0, 2 * units);
      return;
    }
    case 'blocks':
      eachBlock(
        core,
        initial.blocks.length,
        count / initial.blocks.length,
        (room, _, index) => {
          const part = initial.blocks[index];
          const size = rows / initial.blocks.length;
          if (part) fill(core, part, { at: room, rows: size, columns }, seed, stream + index);
        },
        at,
        count,
      );
  }
}

// Draws each block in aligned room behind the whole and moves it to its place.
function eachBlock(
  { f32 }: Core,
  blocks: number,
  size: number,
  draw: (room: number, scratch: number, index: number) => void,
  at: number,
  count: number,
): void {
  const room = at + Math.ceil(count / 16) * 64;
  for (let index = 0; index < blocks; index++) {
    draw(room, room + Math.ceil(size / 16) * 64, index);
    f32.copyWithin(at / 4 + index * size, room / 4, room / 4 + size);
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
