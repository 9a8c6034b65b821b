import { CLIENT, Dynamics, ORGANIZATION, OTHER_TENANT, ROLELESS, SECRET, STRANGER } from "../support/dynamics.ts";
import { Leadline, type Page, expect, test as base } from "../support/leadline.ts";
import { expectAllGoodLooks } from "../support/look.ts";
import { askForConsent, consent, eventually, firstStart, syncNow } from "../support/steps.ts";

const test = base.extend<{ dynamics: Dynamics }>({
  dynamics: async ({}, use) => {
    const dynamics = await Dynamics.start();
    await use(dynamics);
    await dynamics.stop();
  },
  leadline: async ({ sandbox, dynamics }, use) => {
    const leadline = await Leadline.start(sandbox, dynamics.settings);
    await use(leadline);
    await leadline.stop();
  },
});

/** Types a connection that works but for what is said, and has it checked. */
async function check(page: Page, dynamics: Dynamics, but: { client?: string; secret?: string; tenant?: string } = {}) {
  await page.getByLabel("Environment address").fill(dynamics.url);
  await page.getByLabel("Application (client) ID").fill(but.client ?? CLIENT);
  await page.getByLabel("Tenant").fill(but.tenant ?? "");
  await page.getByLabel("Client secret").fill(but.secret ?? SECRET);
  await page.getByRole("button", { name: "Check the connection" }).click();
}

function step(page: Page, label: string) {
  return page.locator("#steps").getByRole("listitem").filter({ hasText: label });
}

async function connect(page: Page, dynamics: Dynamics) {
  await firstStart(page);
  await page.goto("/crm");
  await check(page, dynamics);
  await expect(page.getByText("Every step is proven.")).toBeVisible();
  const validate = page.locator("section").filter({ has: page.getByRole("heading", { name: "Validate the organization" }) });
  await expect(validate).toContainText("Contoso Sales");
  await expect(validate).toContainText(dynamics.url);
  await expect(validate).toContainText(ORGANIZATION);
  await validate.getByRole("button", { name: "Confirm and send leads there" }).click();
  await expect(page.getByText("Confirmed. Submissions become leads in this organization from now on.")).toBeVisible();
}

test("an organization is connected, validated and confirmed, and looks good on the way", async ({ page, dynamics }) => {
  test.setTimeout(120_000);
  await firstStart(page);
  await page.goto("/crm");
  await expectAllGoodLooks(page);
  await check(page, dynamics, { secret: "guessed" });
  await expectAllGoodLooks(page);
  await check(page, dynamics);
  await expectAllGoodLooks(page);
  await page.getByRole("button", { name: "Confirm and send leads there" }).click();
  await expectAllGoodLooks(page);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("an organization is connected, validated and confirmed just the same", async ({ page, dynamics }) => {
    await connect(page, dynamics);
  });
});

test("each failure has its own remedy", async ({ page, dynamics }) => {
  await firstStart(page);
  await page.goto("/crm");
  await check(page, dynamics, { secret: "guessed" });
  await expect(step(page, "Token")).toContainText("The client secret is wrong.");
  await check(page, dynamics, { tenant: OTHER_TENANT });
  await expect(step(page, "Tenant")).toContainText("Leave the tenant empty");
  await check(page, dynamics, { client: STRANGER });
  await expect(step(page, "Application user")).toContainText("The application is no user of this environment.");
  await check(page, dynamics, { client: ROLELESS });
  await expect(step(page, "Application user")).toContainText("has no security role");
  await dynamics.control("POST", "users", { client: CLIENT, revoke: ["prvReadLead"] });
  await check(page, dynamics);
  await expect(step(page, "Reading")).toContainText("Missing: Read on the table Lead.");
  await expect(page.getByRole("heading", { name: "Validate the organization" })).toHaveCount(0);
});

test("a mapping is made to a choice of the organization, and flagged when the choice is gone", async ({ page, dynamics }) => {
  await connect(page, dynamics);
  await page.goto("/mappings/new");
  await page.getByLabel("Value", { exact: true }).selectOption({ label: "Fixed text" });
  await page.getByLabel("Text, if it is a fixed text").fill("Trade Show");
  await page.getByLabel("Field", { exact: true }).selectOption("leadsourcecode");
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();

  await dynamics.control("PUT", "columns/leadsourcecode/choices", [{ Value: 8, Label: "Web" }]);
  await page.goto("/crm");
  await page.getByRole("button", { name: "Read the fields again" }).click();
  await expect(page.getByText("The columns are read, and they have changed.")).toBeVisible();
  await page.goto("/mappings");
  await expect(page.getByRole("group", { name: "Field mappings" })).toContainText("“Trade Show” is none of the choices");
});

test("submissions become leads there, by a mapping to a choice, and each has a link to its record", async ({
  page,
  sandbox,
  dynamics,
}) => {
  test.setTimeout(120_000);
  await connect(page, dynamics);
  await page.goto("/mappings/new");
  await page.getByLabel("Value", { exact: true }).selectOption({ label: "Fixed text" });
  await page.getByLabel("Text, if it is a fixed text").fill("Consulting");
  await page.getByLabel("Field", { exact: true }).selectOption("industrycode");
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("The mapping is saved.")).toBeVisible();

  await askForConsent(page);
  await consent(page);
  await sandbox.submit({ EMAIL: "ngozi@okafor.example", FIRST_NAME: "Ngozi", LAST_NAME: "Okafor" });
  await syncNow(page);
  await eventually(page, "/leads", (page) => page.getByRole("link", { name: "Ngozi Okafor" }));
  await page.getByRole("link", { name: "Ngozi Okafor" }).click();
  const path = new URL(page.url()).pathname;
  await eventually(page, path, (page) => page.getByRole("link", { name: "Open in Dynamics 365" }));

  const all = (await dynamics.control("GET", "rows/lead")) as { rows: { id: string; values: Record<string, unknown> }[] };
  const [record, ...others] = all.rows.filter((row) => row.values.emailaddress1 === "ngozi@okafor.example");
  if (!record) throw new Error("she is not there");
  expect(others).toHaveLength(0);
  expect(record.values).toMatchObject({ firstname: "Ngozi", lastname: "Okafor", industrycode: 7 });
  const link = page.getByRole("link", { name: "Open in Dynamics 365" });
  await expect(link).toHaveAttribute("href", `${dynamics.url}/main.aspx?pagetype=entityrecord&etn=lead&id=${record.id}`);
  await expectAllGoodLooks(page);

  await page.goto(`${path}/edit`);
  await expect(page.getByText("Closing the lead disqualifies it in Dynamics 365")).toBeVisible();
  await page.getByRole("checkbox", { name: /^Open/ }).uncheck();
  await page.getByRole("button", { name: "Save lead" }).click();
  await expect(page.getByText("The lead is saved.")).toBeVisible();
  const closed = async () => {
    const now = (await dynamics.control("GET", "rows/lead")) as typeof all;
    return now.rows.find((row) => row.id === record.id)?.values;
  };
  await expect.poll(closed, { timeout: 30_000 }).toMatchObject({ statecode: 2, statuscode: 4 });

  await page.goto("/submissions");
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("link", { name: "Open in Dynamics 365" })).toHaveAttribute("href", /etn=lead&id=/);
  await page.goto("/crm");
  await expectAllGoodLooks(page);
  await page.goto("/matching/new");
  await expect(page.getByLabel("When a lead is made")).toBeVisible();
  await expectAllGoodLooks(page);
});

test("a new secret is in use only when it works, and the way back is open", async ({ page, dynamics }) => {
  await connect(page, dynamics);
  await page.getByLabel("Client secret").fill("guessed");
  await page.getByRole("button", { name: "Check and replace" }).click();
  await expect(page.getByRole("alert")).toContainText("nothing was changed");
  await expect(step(page, "Token")).toContainText("The client secret is wrong.");

  await page.getByRole("button", { name: "Go back to the built-in store" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go back to the built-in store" }).click();
  await expect(page.getByText("Leads are kept in the built-in store from now on.")).toBeVisible();
});
