import { type Page, expect, test } from "../support/leadline.ts";
import { askForConsent, consent, fillSignIn, firstStart } from "../support/steps.ts";

/** LinkedIn's answer came to nothing: the page says what happened and what to do. */
async function expectRefusal(page: Page, what: string, remedy: RegExp) {
  await expect(page.getByRole("heading", { level: 1, name: "User profiles" })).toBeVisible();
  const banner = page.getByRole("alert");
  await expect(banner).toContainText(what);
  await expect(banner).toContainText(remedy);
}

/** There is no half-made profile. */
async function expectNoProfile(page: Page) {
  await page.goto("/profiles");
  await expect(page.getByText("No user profiles yet")).toBeVisible();
}

/** Where LinkedIn would send this browser back to, with another answer. */
function callback(page: Page, answer: Record<string, string>): string {
  const state = new URL(page.url()).searchParams.get("state") ?? "";
  return `/auth/linkedin/callback?${new URLSearchParams({ state, ...answer })}`;
}

test.beforeEach(async ({ page }) => {
  await firstStart(page);
});

test("cancelling at LinkedIn makes nothing and says what happened", async ({ page }) => {
  await askForConsent(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expectRefusal(page, "You cancelled at LinkedIn", /choose Allow/);
  await expectNoProfile(page);
});

test("leaving without signing in makes nothing and says what happened", async ({ page }) => {
  await askForConsent(page);
  await page.getByRole("button", { name: "Leave without signing in" }).click();
  await expectRefusal(page, "You cancelled at LinkedIn", /choose Allow/);
  await expectNoProfile(page);
});

test("a refusal by LinkedIn says whose permission is missing", async ({ page }) => {
  await askForConsent(page);
  await page.goto(callback(page, { error: "access_denied" }));
  await expectRefusal(page, "LinkedIn did not give access", /who may see the ad accounts/);
  await expectNoProfile(page);
});

test("a permission that the app does not have is named as the reason", async ({ page, sandbox }) => {
  await sandbox.faults({ consent: "unauthorized_scope" });
  await askForConsent(page);
  await expectRefusal(page, "The LinkedIn app lacks a permission", /Lead Sync API/);
  await expectNoProfile(page);
});

test("an answer to another question is refused", async ({ page }) => {
  await askForConsent(page);
  await page.goto(callback(page, { code: "stolen", state: "invented" }));
  await expectRefusal(page, "This answer from LinkedIn does not belong to you", /again/);
  await expectNoProfile(page);
});

test("whoever returns too late signs in again and is told so", async ({ page }) => {
  await askForConsent(page);
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Allow" }).click();
  await fillSignIn(page);
  await expectRefusal(page, "That took too long", /within 15 minutes/);
  await expectNoProfile(page);
});

test("every other end has a page that says what happened and what to do", async ({ page }) => {
  const ends = {
    code_expired: "LinkedIn's code was not valid any more",
    linkedin_unavailable: "LinkedIn cannot be reached",
    not_configured: "No LinkedIn app is configured",
    member_mismatch: "Another LinkedIn member signed in",
    bad_redirect: "LinkedIn does not know this address of Leadline",
    bad_client: "LinkedIn does not accept Leadline's client id or secret",
    profile_gone: "This user profile does not exist",
    unknown: "LinkedIn refused the authorization",
    "<script>": "LinkedIn refused the authorization",
  };
  for (const [code, what] of Object.entries(ends)) {
    await page.goto(`/profiles?${new URLSearchParams({ error: code })}`);
    await expectRefusal(page, what, /\.$/);
  }
});

test("an answer counts once", async ({ page }) => {
  await askForConsent(page);
  const answer = page.waitForRequest(/\/auth\/linkedin\/callback\?/);
  await consent(page);
  await page.goto((await answer).url());
  await expectRefusal(page, "This answer from LinkedIn does not belong to you", /again/);
  await page.goto("/profiles");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
});
