import { Leadline, type Page, test as base, expect } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { firstStart, signOut } from "../support/steps.ts";

/** The sandbox's OpenID provider, with a group for each role. */
function provider(sandbox: Sandbox): Record<string, string> {
  return {
    LEADLINE_OIDC__ISSUER: `${sandbox.url}/oidc`,
    LEADLINE_OIDC__CLIENT_ID: "sandbox-client",
    LEADLINE_OIDC__CLIENT_SECRET: "sandbox-client-secret",
    LEADLINE_OIDC__NAME: "Sign in with Harbor",
    LEADLINE_OIDC__ADMINISTRATOR_GROUPS: "administrators",
    LEADLINE_OIDC__SALESPERSON_GROUPS: "sales",
  };
}

const test = base.extend({
  leadline: async ({ sandbox }, use) => {
    const leadline = await Leadline.start(sandbox, provider(sandbox));
    await use(leadline);
    await leadline.stop();
  },
});

const GRACE = { sub: "g-1", email: "grace@harbor.example", email_verified: true, name: "Grace Quay" };

/** Presses the button of the sign-in page. */
async function comeIn(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Sign in with Harbor" }).click();
}

/** The group of the menu that only administrators have. */
function configuration(page: Page) {
  return page.getByRole("navigation").getByRole("link", { name: "Lead matching" });
}

test("a colleague comes in by the button, with the roles of their groups", async ({ page, sandbox }) => {
  await firstStart(page);
  await signOut(page);
  await sandbox.provide({ ...GRACE, groups: ["sales"] });
  await comeIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(page.getByText("Grace Quay")).toBeVisible();
  await expect(page.getByText("Salesperson", { exact: true })).toBeVisible();
  await expect(configuration(page)).toHaveCount(0);
  await signOut(page);

  await sandbox.provide({ ...GRACE, groups: ["administrators"] });
  await comeIn(page);
  await expect(page.getByText("Administrator", { exact: true })).toBeVisible();
  await expect(configuration(page)).toBeVisible();
});

test("whoever has no role is told whom to ask", async ({ page, sandbox }) => {
  await firstStart(page);
  await signOut(page);
  await sandbox.provide({ ...GRACE, groups: ["everybody"] });
  await comeIn(page);
  const banner = page.getByRole("alert");
  await expect(banner).toContainText("You have no role in Leadline");
  await expect(banner).toContainText("put you into a group");
  await expectAllGoodLooks(page);
});

test("the button leads back to the page that was asked for", async ({ page, sandbox }) => {
  await firstStart(page);
  await signOut(page);
  await sandbox.provide({ ...GRACE, groups: ["sales"] });
  await page.goto("/submissions");
  await expectAllGoodLooks(page);
  await page.getByRole("link", { name: "Sign in with Harbor" }).click();
  await expect(page).toHaveURL(/\/submissions$/);
});

test("signing out of Leadline signs out at the organization, too", async ({ page, sandbox }) => {
  await firstStart(page);
  await signOut(page);
  await sandbox.provide({ ...GRACE, groups: ["sales"] });
  await comeIn(page);
  await expect(page.getByText("Grace Quay")).toBeVisible();
  await signOut(page);
  await page.getByRole("link", { name: "Sign in with Harbor" }).click();
  await expect(page.getByRole("heading", { name: "Nobody is signed in" })).toBeVisible();
});

const alone = base.extend({
  leadline: async ({ sandbox }, use) => {
    const settings = { ...provider(sandbox), LEADLINE_OIDC__ONLY: "true" };
    const leadline = await Leadline.start(sandbox, settings);
    await use(leadline);
    await leadline.stop();
  },
});

alone("where it is the only way, no page asks for a password", async ({ page, sandbox }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveCount(0);
  await expectAllGoodLooks(page);
  await sandbox.provide({ ...GRACE, groups: ["administrators"] });
  await page.getByRole("link", { name: "Sign in with Harbor" }).click();
  await expect(configuration(page)).toBeVisible();
});
