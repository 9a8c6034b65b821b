import { readFile } from "node:fs/promises";
import { expect, test } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import { fill } from "../support/steps.ts";

test("what an administrator does is found in the audit log and taken along", async ({ page, sandbox }) => {
  await fill(page, sandbox);

  await test.step("an account is switched off", async () => {
    await page.goto("/accounts");
    await page.getByRole("rowheader").getByRole("link").first().click();
    await page.getByLabel(/^Sync this account/).uncheck();
    await page.getByRole("button", { name: "Save settings" }).click();
    await expect(page.getByText("The settings are saved.")).toBeVisible();
  });

  await test.step("the log says so, filtered", async () => {
    await page.goto("/audit");
    await page.getByRole("combobox", { name: "What was done" }).selectOption("Sync switched off");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page).toHaveURL(/action=sync-switched-off/);
    const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText("switched syncing off for");
    await expect(rows).toContainText("Sync: on → off");
    await expect(rows.getByRole("time")).toHaveAttribute("title", /UTC$/);
  });

  await test.step("the list is taken along as it is filtered", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export as CSV" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file.trim().split("\r\n")).toHaveLength(2);
    expect(file).toContain("sync-switched-off");
  });

  await test.step("the event leads to the account", async () => {
    await page.getByRole("rowheader").getByRole("link").click();
    await expect(page).toHaveURL(/\/accounts\/\d+$/);
  });
});

test("the audit log and the settings are accessible in every look", async ({ page, sandbox }) => {
  test.setTimeout(120_000);
  await fill(page, sandbox);
  await page.goto("/audit");
  await expectAllGoodLooks(page);
  await page.goto("/settings");
  await page.getByLabel("Lead source").fill(" ");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("The lead source is missing.")).toBeVisible();
  await expectAllGoodLooks(page);
});

test("with only their own in sight, a salesperson does not see another's lead", async ({ page, sandbox, leadline, browser }) => {
  const sam = { name: "Sam Okoro", email: "sam@harbor.example", password: "another long password" };
  await fill(page, sandbox);
  leadline.addSalesperson(sam);
  const theirs = await (await browser.newContext({ baseURL: leadline.url })).newPage();
  await theirs.goto("/leads");
  await theirs.getByLabel("E-mail address").fill(sam.email);
  await theirs.getByLabel("Password", { exact: true }).fill(sam.password);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  const lead = theirs.getByRole("rowheader").getByRole("link").first();
  await expect(lead).toBeVisible();
  await expect(theirs.getByRole("link", { name: "Audit log" })).toHaveCount(0);
  const path = (await lead.getAttribute("href")) ?? "";

  await page.goto("/settings");
  await page.getByLabel("Salespeople see").selectOption("Only their own");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("The settings are saved.")).toBeVisible();

  await theirs.goto("/leads");
  await expect(theirs.getByText("No leads yet")).toBeVisible();
  const answer = await theirs.goto(path);
  expect(answer?.status()).toBe(404);
  await theirs.goto("/submissions");
  await expect(theirs.getByText("No submissions yet")).toBeVisible();
  await theirs.close();
});

test("a lead is edited by hand, and what was changed stands in its history", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/leads");
  await page.getByRole("rowheader").getByRole("link").first().click();
  await page.getByRole("link", { name: "Edit" }).click();
  await expectAllGoodLooks(page);
  await page.getByRole("textbox", { name: "E-mail", exact: false }).first().fill("no address");
  await page.getByRole("button", { name: "Save lead" }).click();
  await expect(page.getByText("An e-mail address looks like name@example.com.")).toBeVisible();
  await page.getByRole("textbox", { name: "E-mail", exact: false }).first().fill("moved@example.com");
  await page.getByRole("textbox", { name: /^Job title/ }).fill("Head of Rope");
  await page.getByRole("button", { name: "Save lead" }).click();
  await expect(page.getByText("The lead is saved.")).toBeVisible();
  const history = page.getByRole("table", { name: "Changes" }).first();
  await expect(history).toContainText("Head of Rope");
  await expect(page.getByText("By Rosa Berger")).toBeVisible();

  await page.goto("/audit?noun=lead");
  const row = page.getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(row).toContainText("Changed: emailaddress1, jobtitle");
  await expect(page.getByRole("main")).not.toContainText("Head of Rope");
});
