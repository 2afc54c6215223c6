/**
 * What the engine may use of its surroundings beside the language: Node, workers and pages all have these. Seen by the
 * engine's own type check only; elsewhere Node's or the browser's declarations hold.
 * Sources: https://encoding.spec.whatwg.org, https://www.w3.org/TR/hr-time-3/
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { readonly stream?: boolean }): string;
}

declare const performance: {
  /** Milliseconds since some fixed moment. */
  now(): number;
};
