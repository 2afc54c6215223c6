/** Text as one argument of a command, as the person's shell reads it. */
export function quoted(text: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return /^[\w.:\\/@%+=,-]+$/u.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  if (/^[\w./@%+=:,-]+$/u.test(text) && !text.startsWith('-')) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
