import type { Browser } from "@playwright/test";
import { Authenticator } from "../support/authenticator.ts";
import { type Page, expect, test } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import { ADMINISTRATOR, fillSignIn, firstStart, signOut } from "../support/steps.ts";

/** Goes to one's own account as a person does. */
async function openAccount(page: Page) {
  await page.getByRole("link", { name: ADMINISTRATOR.name }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Your account" })).toBeVisible();
}

/** Sets the second factor up: what the phone holds, and the recovery codes. */
async function setUp(page: Page): Promise<[Authenticator, string[]]> {
  await openAccount(page);
  await page.getByRole("link", { name: "Set up" }).click();
  await page.getByLabel("Your password").fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("img", { name: "QR code" })).toBeVisible();
  const secret = await page.locator(".secret").innerText();
  const phone = new Authenticator(secret);
  await giveCode(page, phone.code(), "Switch on");
  const list = page.getByRole("list", { name: "Recovery codes" });
  const codes = await list.getByRole("listitem").allInnerTexts();
  await page.getByRole("link", { name: "I have kept them" }).click();
  return [phone, codes];
}

async function giveCode(page: Page, code: string, button = "Go on") {
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: button }).click();
}

async function expectSignedIn(page: Page) {
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

async function expectWrongCode(page: Page) {
  await expect(page.getByText("This code is wrong or has been used")).toBeVisible();
}

/** Another browser on another desk, at the question for the code. */
async function elsewhere(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: url })).newPage();
  await page.goto("/sign-in");
  await fillSignIn(page);
  return page;
}

test("a second factor is set up, asked for, and counts once", async ({ page, browser, leadline }) => {
  await firstStart(page);
  const [phone, recovery] = await setUp(page);
  expect(recovery).toHaveLength(10);
  await expect(page.getByText("10 recovery codes are left")).toBeVisible();
  await signOut(page);

  await fillSignIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Enter your code" })).toBeVisible();
  await page.goto("/leads");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await page.goto("/sign-in/code");
  const code = phone.code(1);
  await giveCode(page, code);
  await expectSignedIn(page);

  const other = await elsewhere(browser, leadline.url);
  await giveCode(other, code);
  await expectWrongCode(other);
  await giveCode(other, recovery[0] ?? "");
  await expect(other.getByRole("status")).toContainText("9 are left");
  await signOut(other);
  await fillSignIn(other);
  await giveCode(other, recovery[0] ?? "");
  await expectWrongCode(other);
  await giveCode(other, recovery[1] ?? "");
  await expectSignedIn(other);

  await openAccount(other);
  await other.getByRole("link", { name: "Manage" }).click();
  await other.getByLabel("Your password").fill(ADMINISTRATOR.password);
  await giveCode(other, recovery[2] ?? "", "Switch off");
  await expect(other.getByRole("status")).toContainText("Your second factor is off");
});

test("whoever is signed in in two browsers sees both and ends one", async ({ page, browser, leadline }) => {
  await firstStart(page);
  const other = await elsewhere(browser, leadline.url);
  await expectSignedIn(other);
  await openAccount(page);
  const sessions = page.getByRole("table").getByRole("row");
  await expect(sessions).toHaveCount(3);
  await expect(page.getByText("This one")).toBeVisible();
  await page.getByRole("button", { name: /^End the session/ }).click();
  await expect(page.getByRole("status")).toContainText("That session has ended");
  await expect(sessions).toHaveCount(2);
  await other.goto("/leads");
  await expect(other.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
});

test("a password that many use is refused with the reason, another one is taken", async ({ page }) => {
  await firstStart(page);
  await openAccount(page);
  const change = async (password: string) => {
    await page.getByLabel("Current password").fill(ADMINISTRATOR.password);
    await page.getByLabel("New password").fill(password);
    await page.getByLabel("The same password again").fill(password);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("password1234!");
  await expect(page.getByText("one that many people use")).toBeVisible();
  await expectAllGoodLooks(page);
  await change("another long one for the tests");
  await expect(page.getByRole("status")).toContainText("Your password is changed");
});

test("every step is accessible, in light and dark, on a wide and a narrow screen", async ({ page }) => {
  test.setTimeout(120_000);
  await firstStart(page);
  await openAccount(page);
  await expectAllGoodLooks(page);
  await page.getByRole("link", { name: "Set up" }).click();
  await expectAllGoodLooks(page);
  await page.getByLabel("Your password").fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await expectAllGoodLooks(page);
  const phone = new Authenticator(await page.locator(".secret").innerText());
  await giveCode(page, phone.code(), "Switch on");
  await expectAllGoodLooks(page);
  await page.getByRole("link", { name: "I have kept them" }).click();
  await page.getByRole("link", { name: "Manage" }).click();
  await expectAllGoodLooks(page);
  await signOut(page);
  await fillSignIn(page);
  await giveCode(page, "000000");
  await expectWrongCode(page);
  await expectAllGoodLooks(page);
});
