import type { Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { askForConsent, consent, eventually, firstStart, syncNow } from "../support/steps.ts";

const OLD = "How soon?";
const NEW = "When do you want to begin?";

/** A Leadline that has read the form once, and takes a question of it into the lead. */
async function begin(page: Page, sandbox: Sandbox) {
  await sandbox.submit({ EMAIL: "ada@example.com", FIRST_NAME: "Ada", LAST_NAME: "First", "Custom question 1": "This month" });
  await firstStart(page);
  await askForConsent(page);
  await consent(page);
  await eventually(page, "/leads", (page) => page.getByRole("link", { name: "Ada First" }));
  await page.goto("/mappings");
  await page.getByRole("link", { name: `Map: ${OLD}` }).click();
  await page.getByLabel("Field", { exact: true }).selectOption({ label: "Description" });
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();
}

/** Somebody rewords the question at LinkedIn, and somebody else answers it. */
async function isReworded(page: Page, sandbox: Sandbox) {
  await sandbox.control("POST", "forms/7234246/edit", {
    edit: { "Custom question 1": { text: NEW, options: ["This month", "Next year"] } },
  });
  await sandbox.submit({ EMAIL: "ines@example.com", FIRST_NAME: "Ines", LAST_NAME: "Okafor", "Custom question 1": "Next year" });
  await syncNow(page);
}

const changes = (page: Page) => page.getByRole("group", { name: "Form changes", exact: true }).getByRole("row");

/** From the task to the mapping, and back to tick the task off. */
async function mapsAndTicksOff(page: Page, button: string) {
  const reworded = changes(page).filter({ hasText: "Question reworded" });
  await expect(reworded).toContainText(`“${OLD}” is now “${NEW}”`);
  await expect(reworded).toContainText("Description: blank for this form from version 2 on.");
  await expect(reworded).toContainText("version 1 → 2");
  await reworded.getByRole("link", { name: `Map this question: ${NEW}` }).click();
  await expect(page.getByLabel("Value", { exact: true })).toHaveValue(`question:${NEW}`);
  await page.getByLabel("Field", { exact: true }).selectOption({ label: "Description" });
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();

  await page.goto("/forms/changes");
  await expect(reworded).toContainText("Fills Description.");
  await reworded.getByRole("button", { name: `${button}: Question reworded` }).click();
}

test("a question that was reworded at LinkedIn is a task, is mapped, and is done", async ({ page, sandbox }) => {
  await begin(page, sandbox);
  await isReworded(page, sandbox);

  await test.step("the overview leads to what changed", async () => {
    await eventually(page, "/", (page) => page.getByText("changes at forms that nobody has looked at"));
    await page.getByRole("link", { name: "See what changed" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Form changes" })).toBeVisible();
    await expect(changes(page)).toHaveCount(4);
    await expectAllGoodLooks(page);
  });

  await test.step("the question is mapped, the task ticked off", async () => {
    await mapsAndTicksOff(page, "Seen");
    await expect(page.getByText("Ticked off.")).toBeVisible();
    await page.getByRole("button", { name: "I have seen all 2" }).click();
    await expect(page.getByText("2 changes ticked off.")).toBeVisible();
    await expect(page.getByText("Nothing to look at")).toBeVisible();
    await page.getByRole("link", { name: "Ticked off" }).click();
    await expect(changes(page).filter({ hasText: NEW }).first()).toContainText("Rosa Berger");
  });

  await test.step("the form's page keeps what each version changed", async () => {
    await page.goto("/forms");
    await expect(page.getByText("Changes to look at")).toHaveCount(0);
    await page.getByRole("rowheader").getByRole("link").first().click();
    const versions = page.getByRole("group", { name: "Versions" });
    await expect(versions.getByRole("row").nth(1)).toContainText(`“${OLD}” is now “${NEW}”`);
    await expectAllGoodLooks(page);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("submissions of a changed form wait until somebody lets them go on", async ({ page, sandbox }) => {
    await begin(page, sandbox);
    await page.goto("/settings");
    await page.getByLabel("When a form is new or was changed, its submissions").selectOption("hold");
    await page.getByRole("button", { name: "Save settings" }).click();
    await expect(page.getByText("The settings are saved.")).toBeVisible();
    await isReworded(page, sandbox);

    await eventually(page, "/review", (page) => page.getByRole("rowheader").filter({ hasText: "Ines Okafor" }));
    await expect(page.getByText("The form was changed").first()).toBeVisible();
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await page.getByRole("link", { name: "See what changed" }).click();
    await expect(changes(page).filter({ hasText: "Question reworded" })).toContainText("1 submission waits");
    await mapsAndTicksOff(page, "Let them go on");
    await expect(page.getByText("3 changes ticked off. The submission that waited goes on.")).toBeVisible();

    await eventually(page, "/leads", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await expect(page.getByText("Next year").first()).toBeVisible();
  });
});
