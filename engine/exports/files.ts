/** One file of an export. */
export interface ExportedFile {
  /** Without folders. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function textFile(name: string, text: string): ExportedFile {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** A text of these lines. */
export function lines(...parts: readonly string[]): string {
  return `${parts.join('\n')}\n`;
}
