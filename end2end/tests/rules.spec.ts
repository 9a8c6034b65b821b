import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/leadline.ts";
import { eventually, fill, syncNow } from "../support/steps.ts";

const QUESTION = "How many people work with suppliers?";
const INES = { FIRST_NAME: "Ines", LAST_NAME: "Okafor", EMAIL: "ines@example.com", PHONE_NUMBER: "+49 30 123456" };

/** Drags a row by its grip until it lies on another one. */
async function drag(page: Page, row: Locator, onto: Locator) {
  const grip = await row.locator(".grip").boundingBox();
  const there = await onto.boundingBox();
  if (!grip || !there) throw new Error("both rows are to be seen");
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(grip.x, (grip.y + there.y) / 2, { steps: 4 });
  await page.mouse.move(there.x, there.y + 2, { steps: 4 });
}

const called = (page: Page, name: string) =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });

test("an administrator teaches Leadline a question and a strategy, and brings what is there up to date", async ({ page, sandbox }) => {
  await fill(page, sandbox);

  await test.step("a custom question is mapped from the unmapped list, previewed and saved", async () => {
    await page.goto("/mappings");
    await page.getByRole("link", { name: `Map: ${QUESTION}` }).click();
    await page.getByLabel("Field", { exact: true }).selectOption({ label: "Description" });
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await expect(page.getByRole("status")).toContainText("would be treated differently. Nothing has been written.");
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(page.getByText("The mapping is saved.")).toBeVisible();
  });

  await test.step("submissions that arrive from now on carry it", async () => {
    await sandbox.submit({ ...INES, "Custom question 1": "11-50" });
    await syncNow(page);
    await eventually(page, "/leads?q=ines%40example.com", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await expect(page.getByText("11-50").first()).toBeVisible();
  });

  await test.step("a second strategy on the telephone number is previewed and saved", async () => {
    await page.goto("/matching/new");
    await page.getByLabel("Name", { exact: true }).fill("Telephone");
    await page.getByLabel("Mobile phone").check();
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await expect(page.getByRole("status")).toContainText("Nothing has been written.");
    await page.getByRole("button", { name: "Save strategy" }).click();
    await expect(page.getByText("The strategy is saved.")).toBeVisible();
  });

  await test.step("it is dragged to the front; Escape leaves everything where it was", async () => {
    const [telephone, email] = [called(page, "Telephone"), called(page, "E-mail (default)")];
    await drag(page, telephone, email);
    await expect(page.getByRole("rowheader").first()).toHaveText("Telephone");
    await page.keyboard.press("Escape");
    await page.mouse.up();
    await expect(page.getByRole("rowheader").first()).toHaveText("E-mail (default)");
    await drag(page, telephone, email);
    await page.mouse.up();
    await expect(page.getByText("The order is saved.")).toBeVisible();
    await expect(page.getByRole("rowheader").first()).toHaveText("Telephone");
  });

  await test.step("what running everything again comes to is seen first, then done", async () => {
    await page.goto("/submissions/run-again");
    const different = page.getByRole("group", { name: "Submissions that would become different" });
    await expect(different).toContainText("Description: ");
    await page.getByRole("button", { name: /^Run .* again$/ }).click();
    await expect(page.getByText("All of them were run again.")).toBeVisible({ timeout: 60_000 });
    await page.goto("/submissions/run-again");
    await expect(page.getByRole("status")).toContainText("Nothing would become different.");
  });

  await test.step("a submission that two leads could be meant by is held, and decided", async () => {
    await page.goto("/matching");
    await page.getByRole("link", { name: "Telephone" }).click();
    await page.getByLabel("Several open leads are equal").selectOption({ label: "Hold for review" });
    await page.getByRole("button", { name: "Save strategy" }).click();
    await sandbox.submit({ ...INES, FIRST_NAME: "Agnes", EMAIL: "agnes@example.com", PHONE_NUMBER: "+49 30 654321" });
    await syncNow(page);
    await eventually(page, "/leads?q=agnes%40example.com", (page) => page.getByRole("link", { name: "Agnes Okafor" }));
    await page.getByRole("link", { name: "Agnes Okafor" }).click();
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Mobile phone (optional)", { exact: true }).fill(INES.PHONE_NUMBER);
    await page.getByRole("button", { name: "Save" }).click();
    await sandbox.submit({ ...INES, EMAIL: "ines@work.example", JOB_TITLE: "Head of Purchasing" });
    await syncNow(page);
    await eventually(page, "/review?reason=several_leads", (page) => page.getByRole("link", { name: "Ines Okafor" }));
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await page.getByRole("button", { name: "It is this lead: Ines Okafor" }).click();
    await expect(page.getByText("Decided.")).toBeVisible();
    await page.goto("/leads?q=ines%40work.example");
    await page.getByRole("link", { name: "Ines Okafor" }).click();
    await expect(page.getByText("Head of Purchasing").first()).toBeVisible();
  });

  await test.step("row 29: one click makes a strategy the only active one", async () => {
    await page.goto("/matching");
    await page.getByRole("button", { name: "Use only this one: Telephone" }).click();
    const asks = page.getByRole("dialog", { name: "Match by “Telephone” alone?" });
    await expect(asks).toContainText("“E-mail (default)” is switched off. It stays in the list");
    await asks.getByRole("button", { name: "Use only this one" }).click();
    await expect(page.getByText("It is the only active strategy now.")).toBeVisible();
    await expect(called(page, "E-mail (default)")).toContainText("Not active");
  });
});

test.describe("with a finger", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test("a row is dragged on a small screen", async ({ page, sandbox }) => {
    await fill(page, sandbox);
    await page.goto("/matching/new");
    await page.getByLabel("Name", { exact: true }).fill("Telephone");
    await page.getByLabel("Mobile phone").check();
    await page.getByRole("button", { name: "Save strategy" }).click();
    await expect(page.getByText("The strategy is saved.")).toBeVisible();
    await page.waitForLoadState("load");
    const row = called(page, "Telephone");
    await row.locator(".grip").scrollIntoViewIfNeeded();
    const grip = await row.locator(".grip").boundingBox();
    const there = await called(page, "E-mail (default)").boundingBox();
    if (!grip || !there) throw new Error("both rows are to be seen");
    const touches = await page.context().newCDPSession(page);
    const touch = (type: string, x: number, y: number) =>
      touches.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] } as never);
    const x = grip.x + grip.width / 2;
    await touch("touchStart", x, grip.y + grip.height / 2);
    await expect(row, "it is held").toHaveClass("dragged");
    for (const part of [0.3, 0.6, 1]) await touch("touchMove", x, grip.y + (there.y + 2 - grip.y) * part);
    await touch("touchEnd", x, there.y);
    await expect(page.getByText("The order is saved.")).toBeVisible();
    await expect(page.getByRole("rowheader").first()).toHaveText("Telephone");
  });
});

test("row 46: tests are deleted from the list, with the lead that they made when that is ticked", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/settings");
  await page.getByLabel("Make leads of LinkedIn's test leads").check();
  await page.getByRole("button", { name: "Save" }).click();
  await sandbox.submit({ ...INES, EMAIL: "test@example.com" }, { test: true });
  await syncNow(page);
  await eventually(page, "/leads?q=test%40example.com", (page) => page.getByRole("link", { name: "Ines Okafor" }));
  await page.goto("/submissions?test=yes&q=test%40example.com");
  await page.getByRole("button", { name: "Delete this test…" }).click();
  const asks = page.getByRole("dialog", { name: "Delete this test?" });
  await expect(asks).toContainText("does not come back when LinkedIn is read again");
  await asks.getByLabel(/Delete the lead that was made from tests alone, too/).check();
  await asks.getByRole("button", { name: "Delete this test" }).click();
  await expect(page.getByText("1 test submission and 1 lead deleted.")).toBeVisible();
  await page.goto("/leads?q=test%40example.com");
  await expect(page.getByText("No lead fits this filter")).toBeVisible();
  await syncNow(page);
  await page.goto("/submissions?q=test%40example.com");
  await expect(page.getByText("No submission fits this filter")).toBeVisible();
});
