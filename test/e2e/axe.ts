import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What axe finds in light and in dark, of whatever severity: the rule and the elements. */
export async function findings(page: Page): Promise<readonly (readonly [string, readonly string[]])[]> {
  const found: (readonly [string, readonly string[]])[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The theme has followed the system.
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
    await settled(page);
    let { violations } = await new AxeBuilder({ page }).analyze();
    // What was found while colours were on their way is gone at a second look; what is wrong stays.
    if (violations.length > 0) {
      await settled(page);
      ({ violations } = await new AxeBuilder({ page }).analyze());
    }
    found.push(...violations.map(({ id, nodes }) => [`${colorScheme}: ${id}`, nodes.map(({ html }) => html)] as const));
  }
  return found;
}

/** Everything that moves has come to its end, and has been drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
}
