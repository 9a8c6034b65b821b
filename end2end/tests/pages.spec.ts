import { crawl } from "../support/crawl.ts";
import { expect, test } from "../support/leadline.ts";
import { LOOKS, type Look, expectAllGoodLooks, expectGoodLooks } from "../support/look.ts";
import { askForConsent, eventually, fill, firstStart, signOut } from "../support/steps.ts";
import { transferred } from "../support/weight.ts";

const EVERY_PAGE = [
  "/", "/accounts", "/accounts/:id", "/api/docs", "/audit", "/campaigns", "/crm", "/fields", "/fields/new", "/forms", "/forms/changes",
  "/forms/:id", "/leads", "/leads/:id", "/leads/:id/edit", "/leads/:id/merge", "/mappings", "/matching", "/matching/:id", "/me", "/me/second-factor", "/profiles",
  "/profiles/:id", "/profiles/:id/accounts", "/replays", "/review", "/review/:id", "/settings", "/submissions", "/submissions/:id", "/submissions/run-again", "/sync", "/tokens",
  "/users", "/users/:id", "/users/new",
];

test("every page that a link leads to opens without a complaint", async ({ page, sandbox }) => {
  test.setTimeout(300_000);
  await fill(page, sandbox);
  await eventually(page, "/review", (page) => page.getByRole("rowheader").getByRole("link"));
  const found = await crawl(page, async (path) => {
    const answer = await page.goto(path);
    expect.soft(answer?.status(), path).toBe(200);
  });
  expect([...found.keys()]).toEqual(expect.arrayContaining(EVERY_PAGE));
});

for (const look of Object.keys(LOOKS) as Look[]) {
  test(`every page is accessible ${look}, and nothing is wider than the screen`, async ({ page, sandbox }) => {
    test.setTimeout(360_000);
    await fill(page, sandbox);
    await crawl(page, async (path) => {
      if (path.includes("?")) return;
      await page.goto(path);
      await expectGoodLooks(page, look);
    });
  });
}

test("the way in is accessible, and so is what goes wrong on it", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto("/first-start");
  await expectAllGoodLooks(page);
  await page.getByLabel("Your name").fill("R");
  await page.getByLabel("E-mail address").fill("r@harbor.example");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expectAllGoodLooks(page);

  await firstStart(page);
  await page.goto("/profiles?error=cancelled");
  await expectAllGoodLooks(page);
  await askForConsent(page);
  await page.getByRole("button", { name: "Allow" }).click();
  await expectAllGoodLooks(page);
  await page.getByRole("button", { name: "Go on" }).click();
  await expectAllGoodLooks(page);
  await page.goto("/there-is-no-such-page");
  await expectAllGoodLooks(page);

  await page.goto("/");
  await signOut(page);
  await expectAllGoodLooks(page);
});

test("signing in needs no wasm", async ({ page }) => {
  await firstStart(page);
  await signOut(page);
  const sizes = await transferred(page, "/sign-in");
  expect(sizes.get("css")).toBeGreaterThan(0);
  expect([...sizes.keys()]).not.toContain("wasm");
});

test("a list is its address: search, reload and share it", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/leads");
  const leads = page.getByRole("table").getByRole("link");
  const search = page.getByRole("searchbox", { name: "Name or e-mail begins with" });
  await search.fill("nobody-has-this-name");
  await search.press("Enter");
  await expect(page).toHaveURL(/[?&]\w+=nobody-has-this-name/);
  await expect(leads).toHaveCount(0);
  await page.reload();
  await expect(search).toHaveValue("nobody-has-this-name");
});
