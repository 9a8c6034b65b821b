import type { Page } from "@playwright/test";
import type { Sandbox } from "../support/sandbox.ts";
import { expect, test } from "../support/leadline.ts";
import { askForConsent, consent, eventually, firstStart, signIn, signOut, syncNow } from "../support/steps.ts";

/** Everything that the page of this person's submission says. */
async function told(page: Page, person: string): Promise<string> {
  await page.goto("/submissions");
  await page.getByRole("rowheader").getByRole("link", { name: person, exact: true }).click();
  await expect(page.getByRole("heading", { name: "What was done" })).toBeVisible();
  return page.getByRole("main").innerText();
}

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
    const first = await told(page, "Ines Okafor");
    expect(first).toContain("Created a lead · attempt 1");
    expect(first).toContain("No lead is equal.");
    expect(first).toMatch(/^E-mail\tines@example\.com$/m);

    const second = await told(page, "Inés Okafor");
    expect(second).toContain("INES@Example.COM");
    expect(second).toContain("Updated a lead · attempt 1");
    expect(second, "the compared value is the normalised one").toMatch(/^E-mail\nines@example\.com$/m);
    expect(second).toContain("Chosen: the only open lead that is equal.");
    expect(second).toMatch(/^First name\tInes\tInés$/m);
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
