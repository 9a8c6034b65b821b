// Finds every page by following links, as a visitor with much patience would.

import type { Page } from "@playwright/test";

/** An address without what varies: `/leads/7?after=x` becomes `/leads/:id?after`. */
export function shape(address: string): string {
  const { pathname, searchParams } = new URL(address, "http://any");
  const names = [...new Set(searchParams.keys())].sort().join("&");
  return pathname.replace(/\/\d+/g, "/:id") + (names && `?${names}`);
}

/** The pages to which the one that is open links. What leads away to LinkedIn is not among them. */
async function links(page: Page): Promise<string[]> {
  const here = new URL(page.url());
  const found = await page.locator("a[href]:not([download])").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  return found
    .map((href) => new URL(href))
    .filter(({ origin, pathname }) => origin === here.origin && !pathname.startsWith("/auth/"))
    // What is for programs is no page.
    .filter(({ pathname }) => !pathname.endsWith(".json"))
    .map(({ pathname, search }) => pathname + search);
}

/** Opens one page of each shape that can be reached from `/`; gives each shape's address. */
export async function crawl(page: Page, open: (path: string) => Promise<void>): Promise<Map<string, string>> {
  const seen = new Map([["/", "/"]]);
  // A map goes on with what is added while one walks through it.
  for (const path of seen.values()) {
    await open(path);
    for (const link of await links(page)) {
      if (!seen.has(shape(link))) seen.set(shape(link), link);
    }
  }
  return seen;
}
