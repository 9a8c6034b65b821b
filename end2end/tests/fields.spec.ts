import { expectAllGoodLooks } from "../support/look.ts";
import { expect, test } from "../support/leadline.ts";
import { fill } from "../support/steps.ts";

const QUESTION = "How many people work with suppliers?";

test("a custom question gets a field of its own, and leads that are there get its answers", async ({ page, sandbox }) => {
  await fill(page, sandbox);

  await test.step("a new field is made on the way from the question to the lead", async () => {
    await page.goto("/mappings");
    await page.getByRole("link", { name: `Map: ${QUESTION}` }).click();
    await page.getByLabel("When the lead has a value").selectOption({ label: "Fill if empty" });
    await page.getByRole("button", { name: "New field…" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "New lead field" })).toBeVisible();
    await page.getByLabel("Label", { exact: true }).fill("Team size");
    await page.getByLabel("Holds", { exact: true }).selectOption("choice");
    await expectAllGoodLooks(page);
    await page.getByRole("button", { name: "Add field" }).click();
    await expect(page.getByLabel("Value", { exact: true })).toHaveValue(`question:${QUESTION}`);
    await expect(page.getByLabel("Field", { exact: true }).locator("option:checked")).toHaveText("Team size");
    await expect(page.getByLabel("When the lead has a value"), "what was chosen stays").toHaveValue("fill_empty");
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(page.getByText("The mapping is saved.")).toBeVisible();
  });

  await test.step("running submissions again brings the answers into their leads", async () => {
    await page.goto("/submissions/run-again");
    const different = page.getByRole("group", { name: "Submissions that would become different" });
    await expect(different).toContainText("Team size: ");
    await page.getByRole("button", { name: /^Run .* again$/ }).click();
    await expect(page.getByText("All of them were run again.")).toBeVisible({ timeout: 60_000 });
    await page.goto("/fields");
    const field = page.getByRole("row").filter({ hasText: "Team size" });
    await expect(field).toContainText("leadline_team_size");
    await expect(field.getByRole("cell").last()).not.toHaveText("0");
  });

  await test.step("a field that a mapping uses cannot be deleted", async () => {
    await page.getByRole("link", { name: "Team size" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Team size" })).toBeVisible();
    await expect(page.getByText("A mapping fills it or a strategy compares it.")).toBeVisible();
    await expectAllGoodLooks(page);
  });
});
