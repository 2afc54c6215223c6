/** Numbers below a thousand in English words. */
const ONES = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** "seven hundred forty-two"; throws RangeError for what is not a whole number from 0 to 999. */
export function inWords(number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > 999) {
    throw new RangeError(`${number} in words; numbers from 0 to 999 are written`);
  }
  const hundreds = Math.floor(number / 100);
  const rest = number % 100;
  if (hundreds === 0) return belowHundred(rest);
  return `${ONES[hundreds]!} hundred${rest > 0 ? ` ${belowHundred(rest)}` : ''}`;
}

function belowHundred(number: number): string {
  if (number < ONES.length) return ONES[number]!;
  const one = number % 10;
  return `${TENS[Math.floor(number / 10)]!}${one > 0 ? `-${ONES[one]!}` : ''}`;
}
