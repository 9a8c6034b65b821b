import type { Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { askForConsent, firstStart } from "../support/steps.ts";

/** LinkedIn's answer went wrong: the page says so, and there is no half-made profile. */
async function nothingWasMade(page: Page) {
  await expect(page).toHaveURL(/\/profiles\?error=[a-z_]+$/);
  await expect(page.getByRole("main").getByRole("alert").first()).toBeVisible();
  await expect(page.getByRole("main").locator("a[href^='/profiles/']")).toHaveCount(0);
}

test.beforeEach(async ({ page }) => {
  await firstStart(page);
});

test("cancelling at LinkedIn makes nothing and says what happened", async ({ page }) => {
  await askForConsent(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await nothingWasMade(page);
});

test("leaving without signing in makes nothing and says what happened", async ({ page }) => {
  await askForConsent(page);
  await page.getByRole("button", { name: /leave without signing in/i }).click();
  await nothingWasMade(page);
});

test("a permission that the app does not have is named as the reason", async ({ page, sandbox }) => {
  await sandbox.faults({ consent: "unauthorized_scope" });
  await askForConsent(page);
  await nothingWasMade(page);
  await expect(page.getByRole("main").getByRole("alert").first()).toContainText(/product|permission/i);
});

test("an answer that belongs to no question of this browser is refused", async ({ page }) => {
  await page.goto("/auth/linkedin/callback?code=stolen&state=invented");
  await nothingWasMade(page);
});

test("an answer counts once", async ({ page, sandbox }) => {
  await sandbox.faults({ consent: "auto_allow" });
  const answer = page.waitForRequest(/\/auth\/linkedin\/callback\?/);
  await askForConsent(page);
  const callback = (await answer).url();
  await expect(page).toHaveURL(/\/profiles\/[^/]+\/accounts$/);
  await page.goto(callback);
  await expect(page).toHaveURL(/\/profiles\?error=[a-z_]+$/);
});
