// Finds a Chrome or Chromium on this machine. `node support/browser.mjs` prints it, and fails when
// there is none.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** @param {string} path */
function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The browser that `BROWSER_PATH` names, else one of the system, else Playwright's own.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  const chosen = process.env.BROWSER_PATH;
  if (chosen) return chosen;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...candidates, ...APPLICATIONS, chromium.executablePath()].find(runs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const found = findBrowser();
  console.log(found ?? "there is no Chrome or Chromium here");
  process.exitCode = found ? 0 : 1;
}
