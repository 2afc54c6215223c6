/** What a person types in the input's field, and the JSON that the task's codec reads. */

/** Text as it is; what is JSON already (a list, an object, a quoted text) as that. */
export function fromTyped(text: string): string {
  return isJson(text) ? text : JSON.stringify(text);
}

/** The other way round: a text without its quotation marks, everything else as JSON. */
export function toTyped(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    // A text that reads as JSON would come back as something else.
    return typeof value === 'string' && !isJson(value) ? value : json;
  } catch {
    return json;
  }
}

function isJson(text: string): boolean {
  if (!/^\s*[[{"]/u.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
