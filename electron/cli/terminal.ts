/** Where a command writes: lines, and on a terminal one last line that is written anew. */

export interface Terminal {
  /** Whether a person watches: `status` works, text may be rewritten. */
  readonly interactive: boolean;
  /** Columns. */
  readonly width: number;
  line(text?: string): void;
  /** Without a newline. */
  write(text: string): void;
  /** Shows a last line in place of the one before; lines written later go above it. Nothing where none watches. */
  status(text: string): void;
  /** Takes the last line away. */
  clear(): void;
}

const CLEAR_LINE = '\r\u001b[K';

/** A terminal over a stream such as process.stdout. */
export function terminalOn(stream: NodeJS.WriteStream): Terminal {
  let shown = '';
  const aboveStatus = (text: string) => {
    stream.write(shown === '' ? text : `${CLEAR_LINE}${text}${shown}`);
  };
  return {
    get interactive() {
      return stream.isTTY;
    },
    get width() {
      return stream.isTTY ? stream.columns : 80;
    },
    line: (text = '') => aboveStatus(`${text}\n`),
    write: (text) => {
      stream.write(text);
    },
    status(text) {
      if (stream.isTTY) {
        shown = text.slice(0, stream.columns - 1);
        stream.write(CLEAR_LINE + shown);
      }
    },
    clear() {
      if (shown !== '') {
        shown = '';
        stream.write(CLEAR_LINE);
      }
    },
  };
}
