import type { Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { askForConsent, consent, eventually, firstStart, syncNow } from "../support/steps.ts";

/** One person with two leads, because they gave two addresses. */
async function twoLeads(page: Page, sandbox: Sandbox) {
  await sandbox.submit({ EMAIL: "ines@harbor.example", FIRST_NAME: "Ines", LAST_NAME: "Duarte" });
  await sandbox.submit({ EMAIL: "i.duarte@home.example", FIRST_NAME: "Ines", LAST_NAME: "Duarte" });
  await firstStart(page);
  await askForConsent(page);
  await consent(page);
  await syncNow(page);
  await eventually(page, "/leads", (page) => page.getByText("i.duarte@home.example"));
}

async function mergesAndUndoes(page: Page) {
  await page.getByRole("row").filter({ hasText: "ines@harbor.example" }).getByRole("link").first().click();
  const kept = page.url();
  await page.getByRole("link", { name: "Merge with another lead…" }).click();
  const alike = page.getByRole("group", { name: "Leads of the same name or with equal values" });
  await alike.getByRole("row").filter({ hasText: "i.duarte@home.example" }).getByRole("link").click();

  await expect(page.getByText("1 submission moves to Ines Duarte")).toBeVisible();
  await page.getByRole("radio", { name: "E-mail: i.duarte@home.example" }).check();
  await page.getByRole("button", { name: "Merge the leads" }).click();
  await expect(page).toHaveURL(kept);
  await expect(page.getByText("The leads are merged.")).toBeVisible();
  await expect(page.getByRole("link", { name: "i.duarte@home.example" })).toBeVisible();

  await page.getByRole("link", { name: "Undo the merge" }).click();
  await expect(page.getByText("is a lead of its own again")).toBeVisible();
  await page.getByRole("button", { name: "Undo the merge" }).click();
  await expect(page.getByText("The merge is undone.")).toBeVisible();
  await expect(page.getByRole("link", { name: "i.duarte@home.example" })).toBeVisible();
}

test("row 56: two leads are compared, merged and taken apart", async ({ page, sandbox }) => {
  await twoLeads(page, sandbox);
  await mergesAndUndoes(page);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("row 56: leads are merged just the same", async ({ page, sandbox }) => {
    await twoLeads(page, sandbox);
    await mergesAndUndoes(page);
  });
});
