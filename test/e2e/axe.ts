import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** What the rules read that depend on the color scheme; everything else is the same in dark and in light. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

type Finding = readonly [rule: string, elements: readonly string[]];

/**
 * What axe finds, of whatever severity: the rule and the elements. All rules are applied in dark, and those about colors
 * in light too.
 */
export async function findings(page: Page): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The theme has followed the system.
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
    const rules = colorScheme === 'dark' ? undefined : COLOR_RULES;
    await settled(page);
    let violations = await analyze(page, rules);
    // What was found while colors were changing is gone at a second look; what is wrong stays.
    if (violations.length > 0) {
      await settled(page);
      violations = await analyze(page, rules);
    }
    found.push(...violations.map(([rule, elements]) => [`${colorScheme}: ${rule}`, elements] as const));
  }
  return found;
}

async function analyze(page: Page, rules: readonly string[] | undefined): Promise<readonly Finding[]> {
  // Half a megabyte, which the document keeps until it is left.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    const injected = globalThis as unknown as { readonly axe: typeof axe };
    const options: RunOptions = { resultTypes: ['violations'], ...(only && { runOnly: [...only] }) };
    const { violations } = await injected.axe.run(document, options);
    return violations.map(({ id, nodes }): Finding => [id, nodes.map(({ html }) => html)]);
  }, rules);
}

/** Everything that moves has come to its end, and has been drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
}
