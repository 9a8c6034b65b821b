import type { Browser, Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import { firstStart } from "../support/steps.ts";

const BOB = { name: "Bob Okafor", email: "bob@harbor.example", password: "four words for Bob alone" };

/** Fills in the invitation; gives the link that the page shows. */
async function invite(page: Page): Promise<string> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" }).click();
  await page.getByRole("link", { name: "Invite a user" }).click();
  await page.getByLabel("Name").fill(BOB.name);
  await page.getByLabel("E-mail address").fill(BOB.email);
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByRole("heading", { name: `${BOB.name} is invited` })).toBeVisible();
  return page.getByLabel("The link").inputValue();
}

/** Somebody else's browser, in which nobody is signed in. */
async function elsewhere(browser: Browser, baseURL: string | undefined, javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ baseURL, javaScriptEnabled });
  return context.newPage();
}

async function choosePassword(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByText(BOB.email)).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(BOB.password);
  await page.getByLabel("The same password again").fill(BOB.password);
  await page.getByRole("button", { name: "Save and sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

/** Opens Bob among the users. */
async function openBob(page: Page): Promise<void> {
  await page.goto("/users");
  await page.getByRole("link", { name: BOB.name }).click();
  await expect(page.getByRole("heading", { level: 1, name: BOB.name })).toBeVisible();
}

test("a colleague is invited, comes in, gets another role, and is out again", async ({ page, browser, baseURL }) => {
  test.setTimeout(120_000);
  await firstStart(page);
  const link = await invite(page);

  const bob = await elsewhere(browser, baseURL);
  await choosePassword(bob, link);
  const menu = bob.getByRole("navigation", { name: "Main" });
  await expect(menu.getByRole("link", { name: "Leads", exact: true })).toBeVisible();
  await expect(menu.getByRole("link", { name: "Users" })).toHaveCount(0);
  expect((await bob.goto("/users"))?.status()).toBe(403);

  await openBob(page);
  await page.getByRole("checkbox", { name: /^Administrator/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await bob.goto("/");
  await menu.getByRole("link", { name: "Users" }).click();
  await expect(bob.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();

  await page.getByRole("button", { name: "Disable…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable", exact: true }).click();
  await expect(page.getByText("They are signed out everywhere.")).toBeVisible();
  await bob.goto("/leads");
  await expect(bob.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await bob.getByLabel("E-mail address").fill(BOB.email);
  await bob.getByLabel("Password", { exact: true }).fill(BOB.password);
  await bob.getByRole("button", { name: "Sign in" }).click();
  await expect(bob.getByRole("alert")).toContainText("wrong");
});

test("a link is copied, works once, and needs no JavaScript", async ({ page, browser, baseURL, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await firstStart(page);
  const link = await invite(page);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  await choosePassword(await elsewhere(browser, baseURL, false), link);
  const late = await elsewhere(browser, baseURL);
  await late.goto(link);
  await expect(late.getByRole("heading", { level: 1, name: "This link does not work" })).toBeVisible();
  await late.getByRole("link", { name: "Sign in" }).click();
  await expect(late.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
});

test("the pages about people are accessible, and so is what goes wrong on them", async ({ page, browser, baseURL }) => {
  test.setTimeout(120_000);
  await firstStart(page);
  await page.goto("/users/new");
  await page.getByLabel("Name").fill("B");
  await page.getByLabel("E-mail address").fill("rosa@harbor.example");
  await page.getByRole("button", { name: "Invite" }).click();
  await expectAllGoodLooks(page);
  const link = await invite(page);
  await expectAllGoodLooks(page);

  const bob = await elsewhere(browser, baseURL);
  await bob.goto(link);
  await expectAllGoodLooks(bob);
  await bob.goto(`${link}x`);
  await expectAllGoodLooks(bob);

  await page.goto("/users?state=disabled");
  await expectAllGoodLooks(page);
  await openBob(page);
  await page.getByRole("button", { name: "Delete…" }).click();
  await expectAllGoodLooks(page);
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`${BOB.name} is deleted.`)).toBeVisible();
});
