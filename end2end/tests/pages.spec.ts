import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { fill, firstStart, signOut } from "../support/steps.ts";

const PAGES = [
  "/", "/profiles", "/accounts", "/forms", "/campaigns",
  "/submissions", "/leads", "/sync", "/matching", "/mappings",
];

/** Each list, and the first thing on it. */
async function everyPage(page: Page): Promise<string[]> {
  const found = [...PAGES];
  for (const path of PAGES.slice(1)) {
    await page.goto(path);
    const first = page.getByRole("main").locator(`a[href^='${path}/']`).first();
    if (await first.count()) found.push((await first.getAttribute("href")) ?? path);
  }
  return found;
}

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

/** What a load of this page transfers, by the ending of the file's name. */
async function transferred(page: Page, path: string): Promise<Map<string, number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.clearBrowserCache");
  const sizes = new Map<string, number>();
  const done: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    const ending = new URL(request.url()).pathname.split(".").at(-1) ?? "";
    done.push(request.sizes().then(({ responseBodySize }) => {
      sizes.set(ending, (sizes.get(ending) ?? 0) + responseBodySize);
    }));
  });
  await page.goto(path, { waitUntil: "networkidle" });
  await Promise.all(done);
  return sizes;
}

test("every page is accessible, light and dark, and fits a small telephone", async ({ page, sandbox }) => {
  test.setTimeout(180_000);
  await fill(page, sandbox);
  const problems: string[] = [];
  for (const path of await everyPage(page)) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      problems.push(...(await serious(page)));
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > 360) problems.push(`${path} is ${wide} pixels wide on a screen of 360`);
    await page.setViewportSize({ width: 1280, height: 720 });
  }
  expect(problems).toEqual([]);
});

test("a first visit is small, and signing in loads no wasm", async ({ page, leadline }) => {
  await firstStart(page);
  const first = await transferred(page, "/sync");
  const sum = ["wasm", "js", "css"].reduce((sum, ending) => sum + (first.get(ending) ?? 0), 0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(170_000);

  await signOut(page);
  const signIn = await transferred(page, `${leadline.url}/sign-in`);
  expect([...signIn.keys()]).not.toContain("wasm");
});

test("a list is its address: search, reload and share it", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/leads");
  const search = page.getByRole("main").getByRole("searchbox").first();
  await search.fill("nobody-has-this-name");
  await search.press("Enter");
  await expect(page).toHaveURL(/[?&]\w+=nobody-has-this-name/);
  await expect(page.getByRole("main").locator("a[href^='/leads/']")).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("main").getByRole("searchbox").first()).toHaveValue("nobody-has-this-name");
});
