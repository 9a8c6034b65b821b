import { type Page, expect, test } from "../support/leadline.ts";
import { askForConsent, consent, firstStart } from "../support/steps.ts";
import { transferred } from "../support/weight.ts";

/** What a first visit may transfer at most, in bytes. */
const BUDGET = 170_000;

/** What the page says has been read so far. */
async function read(page: Page): Promise<number> {
  const text = await page.getByText(/^[\d,]+ read, [\d,]+ new$/).first().innerText();
  return Number((text.split(" ")[0] ?? "").replaceAll(",", ""));
}

test.beforeEach(async ({ page, sandbox }) => {
  await sandbox.control("POST", "reset", { seed: { load: { leads: 2_000, persons: 300 } } });
  await firstStart(page);
  await askForConsent(page);
  await sandbox.faults({ latency_ms: 300 });
  await consent(page);
});

test("a first sync is watched without a reload, and the page is new when it is done", async ({ page }) => {
  await page.goto("/sync");
  const before = await read(page);
  const untouched = await page.evaluateHandle(() => window);
  await expect.poll(() => read(page)).toBeGreaterThan(before);
  expect(await untouched.evaluate((then) => then === window), "the page is still the same").toBe(true);

  await expect(page.getByText("Syncing", { exact: true })).toHaveCount(0, { timeout: 30_000 });
  const row = page.getByRole("row", { name: /Harbor & Pine Up to date/ });
  await expect(row.getByRole("cell", { name: "2,000" })).toBeVisible();
});

test("a first visit is small, with all that the browser runs", async ({ page }) => {
  const sizes = await transferred(page, "/sync");
  const sum = ["wasm", "js", "css"].reduce((sum, ending) => sum + (sizes.get(ending) ?? 0), 0);
  expect([...sizes.keys()]).toEqual(expect.arrayContaining(["wasm", "js", "css"]));
  expect(sum).toBeLessThanOrEqual(BUDGET);
});
