/**
 * Errors that are a person's to mend. `message` is one sentence that names the place and what would be right;
 * `hint`, where there is one, says what to try. Everything else that is thrown is a defect of the program.
 */
export class UnrolledError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** Something given from outside (a file, a flag, a field) is not what it has to be. */
export class InputError extends UnrolledError {
  constructor(message: string, hint?: string) {
    super('invalid-input', message, hint);
  }
}

/** A file is truncated, corrupted or of another kind. */
export class FormatError extends UnrolledError {
  constructor(message: string, hint?: string) {
    super('invalid-format', message, hint);
  }
}

/** The model does not fit into the memory that WebAssembly can address, or that was allowed. */
export class MemoryError extends UnrolledError {
  constructor(message: string, hint?: string) {
    super('out-of-memory', message, hint);
  }
}

/** The loss or the gradient left the range of numbers. */
export class DivergenceError extends UnrolledError {
  constructor(message: string, hint?: string) {
    super('diverged', message, hint);
  }
}
