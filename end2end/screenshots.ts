import { fileURLToPath } from "node:url";
import { test } from "./support/leadline.ts";
import { fill } from "./support/steps.ts";

test.use({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 });

test("the pictures of the documentation", async ({ page, sandbox }) => {
  const picture = (name: string) =>
    page.screenshot({ path: fileURLToPath(new URL(`../docs/images/${name}.png`, import.meta.url)) });
  await fill(page, sandbox);
  await page.goto("/");
  await picture("overview");
  await page.goto("/leads");
  await picture("leads");
  await page.goto("/submissions");
  await page.getByRole("main").locator("a[href^='/submissions/']").first().click();
  await picture("submission");
});
