/** Names, in English, of the languages that dates and numbers are written in. */
export const CALENDAR_LANGUAGES = [
  'Czech',
  'Danish',
  'Dutch',
  'English',
  'Finnish',
  'French',
  'German',
  'Greek',
  'Hungarian',
  'Indonesian',
  'Italian',
  'Japanese',
  'Korean',
  'Polish',
  'Portuguese',
  'Romanian',
  'Russian',
  'Spanish',
  'Swedish',
  'Turkish',
] as const;

/**
 * Those whose numbers have been read and found right. Of others, CLDR's rules have mistakes ("jedna tisíc", "una mie",
 * "δύο χίλιάδες") or choose by plural.
 */
export const SPELLOUT_LANGUAGES = [
  'Danish',
  'Dutch',
  'English',
  'Finnish',
  'French',
  'German',
  'Hungarian',
  'Indonesian',
  'Italian',
  'Portuguese',
  'Spanish',
  'Swedish',
  'Turkish',
] as const;
