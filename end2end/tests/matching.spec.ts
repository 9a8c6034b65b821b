import { expect, test } from "../support/leadline.ts";
import { eventually, fill, syncNow } from "../support/steps.ts";

test("a second strategy on the telephone number is previewed, saved, ordered, and finds leads", async ({ page, sandbox }) => {
  await fill(page, sandbox);

  await test.step("the last active strategy cannot be switched off", async () => {
    await page.goto("/matching");
    await page.getByRole("link", { name: "E-mail (default)" }).click();
    await page.getByLabel("Active", { exact: false }).first().uncheck();
    await page.getByRole("button", { name: "Save strategy" }).click();
    await expect(page.getByText("This is the last active strategy, and one must be active")).toBeVisible();
  });

  await test.step("a strategy without a field is refused, and what was typed stays", async () => {
    await page.goto("/matching/new");
    await page.getByLabel("Name", { exact: true }).fill("Telephone");
    await page.getByRole("button", { name: "Save strategy" }).click();
    await expect(page.getByText("Choose at least one field")).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Telephone");
  });

  await test.step("the preview says what would be different, and writes nothing", async () => {
    await page.getByLabel("Mobile phone").check();
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await expect(page.getByRole("status")).toContainText("would be treated differently. Nothing has been written.");
    await page.goto("/matching");
    await expect(page.getByRole("link", { name: "Telephone" })).toHaveCount(0);
  });

  await test.step("it is saved and put first", async () => {
    await page.goto("/matching/new");
    await page.getByLabel("Name", { exact: true }).fill("Telephone");
    await page.getByLabel("Mobile phone").check();
    await page.getByRole("button", { name: "Save strategy" }).click();
    await expect(page.getByText("The strategy is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Up: Telephone" }).click();
    await expect(page.getByText("The order is saved.")).toBeVisible();
    await expect(page.getByRole("rowheader").first()).toHaveText("Telephone");
  });

  await test.step("somebody with the same number and another address is the same lead", async () => {
    const first = { FIRST_NAME: "Ines", LAST_NAME: "Okafor", EMAIL: "ines@example.com", PHONE_NUMBER: "+49 30 123456" };
    await sandbox.submit(first);
    await syncNow(page);
    await eventually(page, "/leads?q=ines%40example.com", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await sandbox.submit({ ...first, EMAIL: "ines@work.example", PHONE_NUMBER: "0049 (0)30 123456" });
    await syncNow(page);
    await eventually(page, "/leads?q=ines%40work.example", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await page.goto("/leads?q=Ines+Okafor");
    await expect(page.getByRole("rowheader").filter({ hasText: "Ines Okafor" })).toHaveCount(1);
  });
});
