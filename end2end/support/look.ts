// Looks at the page that is open, as people with different eyes and screens do.

import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

const WIDE = { width: 1280, height: 720 };
const TELEPHONE = { width: 360, height: 740 };

/** The ways to look at a page. */
export const LOOKS = {
  "in the light": { screen: WIDE, colorScheme: "light" },
  "in the dark": { screen: WIDE, colorScheme: "dark" },
  "on a telephone": { screen: TELEPHONE, colorScheme: "light" },
} as const;

export type Look = keyof typeof LOOKS;

/** What is seriously wrong for people who do not see, or not well. */
async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

/** The page has one heading, nothing serious for axe, and nothing wider than the screen. */
export async function expectGoodLooks(page: Page, look: Look): Promise<void> {
  const { screen, colorScheme } = LOOKS[look];
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.setViewportSize(screen);
  await page.locator("details").evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
  await expect.soft(page.getByRole("heading", { level: 1 }), page.url()).toHaveCount(1);
  const problems = await violations(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > screen.width) problems.push(`it is ${width} pixels wide`);
  expect.soft(problems, `${page.url()} ${look}`).toEqual([]);
}

/** The page looks good in every way. */
export async function expectAllGoodLooks(page: Page): Promise<void> {
  for (const look of Object.keys(LOOKS) as Look[]) await expectGoodLooks(page, look);
  await page.setViewportSize(WIDE);
}
