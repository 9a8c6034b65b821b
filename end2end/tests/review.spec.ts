import type { Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { eventually, fill, syncNow } from "../support/steps.ts";

const INES = { FIRST_NAME: "Ines", LAST_NAME: "Okafor", EMAIL: "ines@example.com", JOB_TITLE: "Buyer" };

async function arrives(page: Page, sandbox: Sandbox, answers: Record<string, string>, path: string) {
  await sandbox.submit(answers);
  await syncNow(page);
  await eventually(page, path, (page) => page.getByRole("rowheader").filter({ hasText: answers.LAST_NAME }));
}

/** Two open leads with one address, and one more submission of theirs, which is held. */
async function somebodyIsHeld(page: Page, sandbox: Sandbox) {
  await page.goto("/matching");
  await page.getByRole("link", { name: "E-mail (default)" }).click();
  await page.getByLabel("Several open leads are equal").selectOption({ label: "Hold for review" });
  await page.getByRole("button", { name: "Save strategy" }).click();
  await arrives(page, sandbox, INES, "/leads?q=ines%40example.com");
  await arrives(page, sandbox, { ...INES, FIRST_NAME: "Agnes", EMAIL: "agnes@example.com" }, "/leads?q=agnes%40example.com");
  await page.getByRole("link", { name: "Agnes Okafor" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("E-mail (optional)", { exact: true }).fill("Ines@Example.com");
  await page.getByRole("button", { name: "Save" }).click();
  await arrives(page, sandbox, { ...INES, JOB_TITLE: "Head of Purchasing" }, "/review");
}

test("a held submission is compared with its candidates and decided by keyboard", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await somebodyIsHeld(page, sandbox);

  await test.step("it is found in the queue by keyboard", async () => {
    await page.goto("/review?reason=several_leads");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await expect(page.getByRole("checkbox", { name: "Tick Ines Okafor" })).toBeChecked();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Ines Okafor" })).toBeVisible();
  });

  await test.step("both leads stand beside it, with what would change", async () => {
    const compared = page.getByRole("group", { name: "The submission and the leads" });
    await expect(compared.getByRole("columnheader")).toHaveCount(4);
    const job = compared.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Job title" }) });
    await expect(job).toContainText("Head of Purchasing");
    await expect(page.getByRole("heading", { name: "What it would change in Ines Okafor" })).toBeVisible();
  });

  await test.step("a key chooses the lead", async () => {
    const choose = page.getByRole("button", { name: "It is this lead: Ines Okafor" });
    const key = await choose.getAttribute("data-key");
    await page.keyboard.press(key as string);
    await expect(page.getByText("Decided.")).toBeVisible();
    await page.goto("/leads?q=Ines+Okafor");
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await expect(page.getByText("Head of Purchasing").first()).toBeVisible();
  });

  await test.step("the audit log names the decision", async () => {
    await page.goto("/audit?action=decided");
    await expect(page.getByText("decided about the submission").first()).toBeVisible();
  });
});

test("submissions are run again by a mapping that came later, after a look at what that comes to", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/mappings/new");
  await page.getByLabel("Value", { exact: true }).selectOption("fact:form");
  await page.getByLabel("Field", { exact: true }).selectOption({ label: "Description" });
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();

  await page.goto("/submissions");
  await page.getByRole("link", { name: "Run these again…" }).click();
  await expect(page.getByRole("status")).toContainText("Nothing has been written.");
  const different = page.getByRole("group", { name: "Submissions that would become different" });
  await expect(different.getByRole("row").nth(1)).toContainText("Description: ");
  await page.getByRole("button", { name: /^Run .* again$/ }).click();
  await expect(page.getByText("All of them were run again.")).toBeVisible({ timeout: 60_000 });

  await page.goto("/submissions");
  await page.getByRole("link", { name: "Run these again…" }).click();
  await expect(page.getByRole("status")).toContainText("Nothing would become different.");

  await page.goto("/submissions");
  await page.getByRole("rowheader").getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Run again…" }).click();
  await expect(page.getByRole("button", { name: "Run 1 submission again" })).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("several held submissions are decided at once", async ({ page, sandbox }) => {
    await fill(page, sandbox);
    await somebodyIsHeld(page, sandbox);
    await page.goto("/review?reason=several_leads");
    await page.getByRole("button", { name: "Exclude" }).click();
    await expect(page.getByText("Nothing was ticked")).toBeVisible();
    await page.getByRole("checkbox", { name: "Tick Ines Okafor" }).check();
    await page.getByLabel("Why they are excluded").fill("Known already");
    await page.getByRole("button", { name: "Exclude" }).click();
    await expect(page.getByText("1 decided.")).toBeVisible();
    await expect(page.getByText("Nothing waits for you")).toBeVisible();

    await page.goto("/submissions?reason=excluded");
    await page.getByRole("link", { name: "Ines Okafor" }).first().click();
    await expect(page.getByText("Excluded by a person: Known already").first()).toBeVisible();
    await page.getByRole("button", { name: "Run again" }).click();
    await expect(page.getByText("It still waits")).toBeVisible();
    await page.getByRole("link", { name: "Decide" }).click();
    await page.getByRole("button", { name: "Make a new lead" }).click();
    await expect(page.getByText("Decided.")).toBeVisible();
  });
});
