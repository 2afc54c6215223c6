/** Takes a defect of the program: where it came up, and what was thrown. */
export type Log = (where: string, error: unknown) => void;

/** On standard error, with the stack. */
export const logDefect: Log = (where, error) => {
  console.error(`unrolled: a defect of the program in ${where}:`);
  console.error(error);
};
