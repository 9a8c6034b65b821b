import type { APIRequestContext } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import { fill, firstStart } from "../support/steps.ts";

/** Asks the API for something, as a program with this token does. */
function ask(request: APIRequestContext, path: string, token: string) {
  return request.get(path, { headers: { authorization: `Bearer ${token}` } });
}

test("a token is made, used by a program, and refused once it is revoked", async ({ page, sandbox, playwright, baseURL }) => {
  await fill(page, sandbox);
  // A program has nothing of the browser's, least of all its cookie.
  const program = await playwright.request.newContext({ baseURL });
  await page.getByRole("link", { name: "API tokens" }).click();
  await page.getByLabel("Name").fill("Nightly export");
  await page.getByLabel("Role").selectOption("salesperson");
  await page.getByRole("button", { name: "Make token" }).click();
  const shown = page.getByLabel("The new token");
  await expect(shown).toBeVisible();
  const token = await shown.inputValue();
  expect(token).toMatch(/^leadline_[\w-]{43}$/);
  await expectAllGoodLooks(page);

  const answer = await ask(program, "/api/v1/submissions", token);
  expect(answer.status()).toBe(200);
  const { items } = await answer.json();
  expect(items.length).toBeGreaterThan(0);
  expect((await ask(program, "/api/v1/tokens", token)).status(), "that is for administrators").toBe(403);

  await page.goto("/tokens");
  await expect(page.getByLabel("The new token"), "it is shown once").toHaveCount(0);
  const row = page.getByRole("row").filter({ hasText: "Nightly export" });
  await expect(row).toContainText("Active");
  await row.getByRole("button", { name: "Revoke…" }).click();
  await row.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
  expect((await ask(program, "/api/v1/submissions", token)).status()).toBe(401);
  await program.dispose();
});

test("a token can be copied", async ({ page, context, baseURL }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: baseURL });
  await firstStart(page);
  await page.goto("/tokens");
  await page.getByLabel("Name").fill("Import");
  await page.getByRole("button", { name: "Make token" }).click();
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await page.getByLabel("The new token").inputValue());
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a token is made and shown", async ({ page }) => {
    await firstStart(page);
    await page.goto("/tokens");
    await page.getByLabel("Name").fill("Import");
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByLabel("The new token")).toHaveValue(/^leadline_/);
  });
});

test("the page about the API lists every noun", async ({ page }) => {
  await firstStart(page);
  await page.goto("/tokens");
  await page.getByRole("link", { name: "How the REST API is used" }).click();
  for (const noun of ["submissions", "leads", "linked-accounts", "tokens"]) {
    await expect(page.getByRole("heading", { level: 2, name: noun, exact: true })).toBeVisible();
  }
});
