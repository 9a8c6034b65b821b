// `make screenshots`: the pictures of the documentation, taken of the real thing.

import config from "./playwright.config.ts";

export default { ...config, testDir: ".", testMatch: "screenshots.ts", workers: 1 };
