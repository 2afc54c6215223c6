/** Which second source, and how far towards its vector, as the held part of an address: "toward=%22abc%22&share=0.35". */
export interface Toward {
  /** As JSON; null: the next item of the data. */
  readonly input: string | null;
  /** 0 to 1. */
  readonly share: number;
}

export function parseToward(text: string): Toward {
  const query = new URLSearchParams(text);
  const share = Number(query.get('share') ?? 0.5);
  return { input: query.get('toward'), share: share >= 0 && share <= 1 ? share : 0.5 };
}

export function formatToward({ input, share }: Toward): string {
  const query = new URLSearchParams();
  if (input !== null) query.set('toward', input);
  query.set('share', String(Math.round(share * 1000) / 1000));
  return query.toString();
}
