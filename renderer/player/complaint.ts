/** What to tell a person of an error. */
export function complaintOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
