import type { Page } from "@playwright/test";
import { type Sandbox } from "../support/sandbox.ts";
import { expect, test } from "../support/leadline.ts";
import { askForConsent, consent, eventually, firstStart, signIn, signOut, syncNow } from "../support/steps.ts";

/** The way of a lead: the same with JavaScript and without. */
async function aLeadTravelsTheWholeWay(page: Page, sandbox: Sandbox) {
  await test.step("the first start makes the administrator, who can sign in again", async () => {
    await firstStart(page);
    await signOut(page);
    await signIn(page);
  });

  await test.step("a user profile is added with LinkedIn's consent", async () => {
    await askForConsent(page);
    await consent(page);
    await expect(page.getByText("Authorized").first()).toBeVisible();
  });

  await test.step("a submission arrives and becomes a lead", async () => {
    await sandbox.submit({ FIRST_NAME: "Ines", LAST_NAME: "Okafor", EMAIL: "ines@example.com" });
    await syncNow(page);
    await eventually(page, "/leads", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await page.getByRole("link", { name: "Ines Okafor" }).first().click();
    await expect(page.getByText("ines@example.com").first()).toBeVisible();
  });

  await test.step("a second one of the same person updates that lead", async () => {
    await sandbox.submit({ FIRST_NAME: "Inés", LAST_NAME: "Okafor", EMAIL: "  INES@Example.COM " });
    await syncNow(page);
    await eventually(page, "/leads", (page) => page.getByRole("link", { name: "Inés Okafor" }));
    const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
    await expect(rows, "there is still one lead").toHaveCount(1);
  });

  await test.step("the traces explain both", async () => {
    await page.goto("/submissions");
    const links = page.getByRole("main").locator("a[href^='/submissions/']");
    const paths = new Set(await links.evaluateAll((all) => all.map((a) => a.getAttribute("href"))));
    expect(paths.size).toBe(2);
    const told: string[] = [];
    for (const path of paths) {
      await page.goto(path ?? "");
      told.push(await page.getByRole("main").innerText());
    }
    expect(told.filter((text) => /created/i.test(text))).toHaveLength(1);
    expect(told.filter((text) => /updated/i.test(text) && text.includes("Inés"))).toHaveLength(1);
  });
}

test("a lead travels the whole way", async ({ page, sandbox }) => {
  await aLeadTravelsTheWholeWay(page, sandbox);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a lead travels the whole way", async ({ page, sandbox }) => {
    await aLeadTravelsTheWholeWay(page, sandbox);
  });
});
