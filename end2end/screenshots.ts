import { fileURLToPath } from "node:url";
import { type Page, test } from "./support/leadline.ts";
import { fill } from "./support/steps.ts";

test.use({ viewport: { width: 1280, height: 800 }, contextOptions: { reducedMotion: "reduce" } });

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.move(0, 0);
  await page.screenshot({ path: fileURLToPath(new URL(`../docs/images/${name}.png`, import.meta.url)) });
}

test("the pictures of the documentation", async ({ page, sandbox }) => {
  await fill(page, sandbox);
  await page.goto("/");
  await picture(page, "overview");

  await page.goto("/submissions?status=updated");
  await page.getByRole("rowheader").getByRole("link").nth(1).click();
  await page.getByText("Field mappings:").click();
  await page.getByRole("heading", { name: "What was done" }).evaluate((heading) => {
    heading.scrollIntoView();
    scrollBy(0, -90);
  });
  await picture(page, "submission");

  for (const [name, email, role] of [
    ["Ines Okafor", "ines@harbor.example", /^Salesperson/],
    ["Sven Lindqvist", "sven@harbor.example", /^Administrator/],
  ] as const) {
    await page.goto("/users/new");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("checkbox", { name: role }).check();
    await page.getByRole("button", { name: "Invite" }).click();
  }
  await page.goto("/users");
  await picture(page, "users");
});
