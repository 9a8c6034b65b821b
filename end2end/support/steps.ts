// The steps of which journeys are made, as a person takes them.

import { type Locator, type Page, expect } from "@playwright/test";
import type { Sandbox } from "./sandbox.ts";

export const ADMINISTRATOR = {
  name: "Rosa Berger",
  email: "rosa@harbor.example",
  password: "a long password for the tests",
};

/** Opens the first start and makes the administrator, who is then signed in. */
export async function firstStart(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByLabel("Your name").fill(ADMINISTRATOR.name);
  await page.getByLabel("E-mail address").fill(ADMINISTRATOR.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMINISTRATOR.password);
  await page.getByLabel("The same password again").fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
}

/** Signs in on the page that asks for it. */
export async function fillSignIn(page: Page): Promise<void> {
  await page.getByLabel("E-mail address").fill(ADMINISTRATOR.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signIn(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

/** Starts to add a user profile; ends at LinkedIn. */
export async function askForConsent(page: Page): Promise<void> {
  await page.goto("/profiles");
  await page.getByRole("link", { name: "Add user profile" }).first().click();
}

/** Says yes at LinkedIn, chooses every account and confirms who receives the data. */
export async function consent(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: "Allow access to your LinkedIn account?" })).toBeVisible();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByRole("heading", { name: "Choose accounts" })).toBeVisible();
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { name: "Confirm the organization" })).toBeVisible();
  await page.getByRole("button", { name: "Confirm and start syncing" }).click();
  await expect(page).toHaveURL(/\/profiles\/[^/]+$/);
}

/** Asks for a pass now instead of waiting for the next one. */
export async function syncNow(page: Page): Promise<void> {
  await page.goto("/sync");
  await page.getByRole("button", { name: "Sync all now" }).click();
}

/** Loads a list again and again until it shows what is waited for. */
export async function eventually(page: Page, path: string, what: (page: Page) => Locator) {
  await expect(async () => {
    await page.goto(path);
    await expect(what(page).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

/** A Leadline in which everything has happened: accounts, forms, campaigns, submissions, leads. */
export async function fill(page: Page, sandbox: Sandbox): Promise<void> {
  await sandbox.control("POST", "reset", { seed: "demo" });
  await firstStart(page);
  await askForConsent(page);
  await consent(page);
  await eventually(page, "/leads", (page) => page.getByRole("table").getByRole("link"));
}
