/** What can be said of an imported file, in place of what is found in it. */

/** Every encoding that a file may be read in, by its name in the Encoding Standard, and as people call it. */
export const ENCODINGS = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1252': 'Windows-1252 (Western European)',
  'iso-8859-15': 'ISO-8859-15 (Western European)',
  macintosh: 'Mac Roman (Western European)',
  'windows-1250': 'Windows-1250 (Central European)',
  'iso-8859-2': 'ISO-8859-2 (Central European)',
  'windows-1251': 'Windows-1251 (Cyrillic)',
  'koi8-r': 'KOI8-R (Russian)',
  'koi8-u': 'KOI8-U (Ukrainian)',
  'iso-8859-5': 'ISO-8859-5 (Cyrillic)',
  ibm866: 'IBM 866 (Cyrillic, DOS)',
  'windows-1253': 'Windows-1253 (Greek)',
  'iso-8859-7': 'ISO-8859-7 (Greek)',
  'windows-1254': 'Windows-1254 (Turkish)',
  'windows-1255': 'Windows-1255 (Hebrew)',
  'iso-8859-8': 'ISO-8859-8 (Hebrew)',
  'windows-1256': 'Windows-1256 (Arabic)',
  'iso-8859-6': 'ISO-8859-6 (Arabic)',
  'windows-1257': 'Windows-1257 (Baltic)',
  'windows-1258': 'Windows-1258 (Vietnamese)',
  'windows-874': 'Windows-874 (Thai)',
  gb18030: 'GB 18030 (Simplified Chinese)',
  big5: 'Big5 (Traditional Chinese)',
  shift_jis: 'Shift JIS (Japanese)',
  'euc-jp': 'EUC-JP (Japanese)',
  'euc-kr': 'EUC-KR (Korean)',
} as const;

export type TextEncoding = keyof typeof ENCODINGS;
export const TEXT_ENCODINGS = Object.keys(ENCODINGS) as [TextEncoding, ...TextEncoding[]];

/** What a file is. */
export const FORMATS = ['csv', 'tsv', 'text', 'jsonl', 'json', 'conll'] as const;

/** What stands between the fields of a row. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** 'auto': a quotation mark that cannot open a field is a plain character. 'none': all are. */
export const QUOTE_MODES = ['auto', 'strict', 'none'] as const;

/** The order of day, month and year in dates made of numbers. */
export const DATE_ORDERS = ['ymd', 'dmy', 'mdy'] as const;

/** What becomes of several values of one date. */
export const DUPLICATE_METHODS = ['first', 'last', 'mean', 'sum'] as const;
