/** How a person calls this program from the project folder. */
export const PROGRAM = 'npm run -s unrolled --';
