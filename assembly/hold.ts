/**
 * Parts of a cell that are held at a value, to see what follows: gates and states are taken from a buffer `held` of the
 * same layout as the gates (and, after their segments, the states), wherever it holds a number; NaN leaves them free.
 * Nothing that came before can change a held value: its gradient is zero.
 *
 * Only runs that are looked into have such a buffer; training passes 0.
 */

/** The held value, or `own` where it is free. */
// @ts-ignore: decorator
@inline
export function held4(held: usize, own: v128): v128 {
  const value = v128.load(held);
  return v128.bitselect(value, own, f32x4.eq(value, value));
}

/** `own` where it is free, else zero. */
// @ts-ignore: decorator
@inline
export function free4(held: usize, own: v128): v128 {
  const value = v128.load(held);
  return v128.and(own, f32x4.ne(value, value));
}

/** Takes the held values of one step's state, or of gates, `panels` panels wide. */
export function holdBlock(bytes: usize, panels: i32, held: usize, heldStride: usize, at: usize, stride: usize): void {
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    let from = held + panel * heldStride;
    let to = at + panel * stride;
    const end = to + bytes;
    for (; to < end; to += 16, from += 16) v128.store(to, held4(from, v128.load(to)));
  }
}

/** Makes the gradients of what is held zero. */
export function freeBlock(bytes: usize, panels: i32, held: usize, heldStride: usize, at: usize, stride: usize): void {
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    let from = held + panel * heldStride;
    let to = at + panel * stride;
    const end = to + bytes;
    for (; to < end; to += 16, from += 16) v128.store(to, free4(from, v128.load(to)));
  }
}
