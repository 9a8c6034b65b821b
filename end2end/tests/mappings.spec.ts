import { expect, test } from "../support/leadline.ts";
import { fill } from "../support/steps.ts";

/** An administrator gives a custom question a home in the lead. */
async function mapsAQuestion(page: import("@playwright/test").Page) {
  await page.goto("/mappings");
  const unmapped = page.getByRole("group", { name: "Not mapped yet" });
  const asked = unmapped.getByRole("row").filter({ hasText: "Custom question" }).first();
  const question = (await asked.getByRole("rowheader").locator("bdi").innerText()).trim();
  await asked.getByRole("link", { name: `Map: ${question}` }).click();

  await expect(page.getByLabel("Value", { exact: true })).toHaveValue(`question:${question}`);
  await page.getByLabel("Field", { exact: true }).selectOption({ label: "Description" });
  await page.getByLabel("Step to add").selectOption({ label: "UPPER CASE" });
  await page.getByRole("button", { name: "Add step" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "UPPER CASE" })).toBeVisible();
  await expect(page.getByLabel("Field", { exact: true }), "what was chosen stays").toHaveValue("description");

  await page.getByRole("button", { name: "Preview", exact: true }).click();
  await expect(page.getByRole("status")).toContainText("would be treated differently. Nothing has been written.");
  const differing = page.getByRole("group", { name: "Submissions that would be treated differently" });
  await expect(differing.getByRole("row").nth(1)).toContainText("Description: – → ");

  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();
  const saved = page.getByRole("group", { name: "Field mappings" }).getByRole("row").filter({ hasText: question });
  await expect(saved).toContainText("UPPER CASE");
  await expect(unmapped.getByRole("row").filter({ hasText: question })).toHaveCount(0);
  return question;
}

test.beforeEach(async ({ page, sandbox }) => fill(page, sandbox));

test("a custom question is mapped from the unmapped list, previewed and saved", async ({ page }) => {
  const question = await mapsAQuestion(page);

  await page.getByRole("button", { name: `Up: ${question}` }).click();
  await expect(page.getByText("The order is saved.")).toBeVisible();
  await page.getByRole("group", { name: "Field mappings" }).getByRole("link", { name: question }).click();
  await page.getByRole("button", { name: "Delete" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The mapping is deleted.")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a custom question is mapped just the same", async ({ page }) => {
    await mapsAQuestion(page);
  });

  test("what is wrong stands beside its field, and what was typed stays", async ({ page }) => {
    await page.goto("/mappings/new");
    await page.getByLabel("Value", { exact: true }).selectOption({ label: "Fixed text" });
    await page.getByLabel("Text, if it is a fixed text").fill("From LinkedIn");
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(page.getByText("Choose a field of the lead.")).toBeVisible();
    await expect(page.getByLabel("Text, if it is a fixed text")).toHaveValue("From LinkedIn");
  });
});
