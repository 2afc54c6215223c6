/** A race in an address: "race.vanish", or all that determines it, "race.adding;T=100;...". */
import { RACE_PRESETS, RACE_PRESET_NAMES, type RacePreset } from '../../../engine/gradients/race-presets.ts';
import { formatRace, parseRace, type RaceSettings } from '../../../engine/gradients/race-settings.ts';

const PREFIX = 'race.';

export function raceOf(quantity: string | null): RaceSettings {
  const text = quantity?.startsWith(PREFIX) === true ? quantity.slice(PREFIX.length) : '';
  const preset = RACE_PRESET_NAMES.find((name) => name === text);
  return preset === undefined ? (parseRace(text) ?? RACE_PRESETS.cells) : RACE_PRESETS[preset];
}

export function quantityOf(race: RaceSettings): string {
  return `${PREFIX}${presetOf(race) ?? formatRace(race)}`;
}

/** The preset that a race is. */
export function presetOf(race: RaceSettings): RacePreset | undefined {
  const text = formatRace(race);
  return RACE_PRESET_NAMES.find((name) => formatRace(RACE_PRESETS[name]) === text);
}
