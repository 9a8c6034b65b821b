import { expect, test } from "../support/leadline.ts";

test("a fresh server is alive and ready", async ({ request }) => {
  expect((await request.get("/healthz")).status()).toBe(200);
  const ready = await request.get("/readyz");
  expect(ready.status(), await ready.text()).toBe(200);
});

test("the content security policy allows no inline code and no stranger", async ({ request }) => {
  const policy = (await request.get("/sign-in")).headers()["content-security-policy"] ?? "";
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toContain("unsafe-inline");
  expect(policy).not.toMatch(/https?:\/\//);
});
