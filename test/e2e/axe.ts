import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What axe finds in light and in dark, of whatever severity: the rule and the elements. */
export async function findings(page: Page): Promise<readonly (readonly [string, readonly string[]])[]> {
  const found: (readonly [string, readonly string[]])[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The theme has followed the system.
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(...violations.map(({ id, nodes }) => [`${colorScheme}: ${id}`, nodes.map(({ html }) => html)] as const));
  }
  return found;
}
