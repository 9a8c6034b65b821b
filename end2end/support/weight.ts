// What a visit transfers.

import type { Page } from "@playwright/test";

/** The bytes that a load of this page transfers, by the ending of the file's name. */
export async function transferred(page: Page, path: string): Promise<Map<string, number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.clearBrowserCache");
  const sizes = new Map<string, number>();
  const counted: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    const ending = new URL(request.url()).pathname.split(".").at(-1) ?? "";
    counted.push(request.sizes().then(({ responseBodySize }) => {
      sizes.set(ending, (sizes.get(ending) ?? 0) + responseBodySize);
    }));
  });
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await Promise.all(counted);
  return sizes;
}
