/** Panels of eight columns (engine/core/kernels.ts draws the layout). */

/** Bytes of one row of a panel. */
export const ROW: usize = 32;

// @ts-ignore: decorator
@inline
export function panelsOf(cols: i32): i32 {
  return (cols + 7) >> 3;
}

/** All ones in those of columns 0 to 3 of the last panel that a matrix of `cols` columns has, else zeros. */
// @ts-ignore: decorator
@inline
export function lowMask(cols: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(((cols - 1) & 7) + 1));
}

/** As lowMask, of columns 4 to 7. */
// @ts-ignore: decorator
@inline
export function highMask(cols: i32): v128 {
  return i32x4.lt_s(i32x4(4, 5, 6, 7), i32x4.splat(((cols - 1) & 7) + 1));
}
