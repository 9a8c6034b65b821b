// What a journey is given: a fresh Leadline with its own sandbox, and a page that tolerates no error.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, test as base, expect } from "@playwright/test";
import { Program, command, freePort } from "./program.ts";
import { Sandbox } from "./sandbox.ts";

/** A running server with an empty database. */
export class Leadline {
  private constructor(
    readonly url: string,
    private readonly program: Program,
    private readonly folder: string,
    private readonly settings: Record<string, string>,
  ) {}

  /** Starts it, with these settings besides those that every journey needs. */
  static async start(sandbox: Sandbox, more: Record<string, string> = {}): Promise<Leadline> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), "leadline-"));
    const url = `http://localhost:${port}`;
    const settings = {
      LEADLINE_LISTEN: `127.0.0.1:${port}`,
      LEADLINE_PUBLIC_URL: url,
      LEADLINE_DATABASE__URL: `sqlite://${folder}/leadline.db`,
      LEADLINE_SECRET_KEY: randomBytes(32).toString("base64"),
      LEADLINE_LINKEDIN__CLIENT_ID: "sandbox-client",
      LEADLINE_LINKEDIN__CLIENT_SECRET: "sandbox-client-secret",
      LEADLINE_LINKEDIN__AUTH_URL: `${sandbox.url}/oauth/v2`,
      LEADLINE_LINKEDIN__API_URL: sandbox.url,
      ...more,
    };
    const program = new Program(["serve"], settings, folder);
    const leadline = new Leadline(url, program, folder, settings);
    await program.answers(`http://127.0.0.1:${port}/healthz`);
    return leadline;
  }

  /** Adds a salesperson from the command line. */
  addSalesperson(person: { name: string; email: string; password: string }): void {
    const { name, email, password } = person;
    const args = ["user", "add", "--name", name, "--email", email, "--role", "salesperson", "--password-stdin"];
    command(args, this.settings, this.folder, `${password}\n`);
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Collects whatever the browser complains about: script errors, refusals, missing files. */
function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // A page may well be an answer with status 404 or 422; the browser notes that as an error.
    const isThePage = message.location().url === page.url();
    const isStatus = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !(isThePage && isStatus)) {
      problems.push(`${page.url()}: ${message.text()} (${message.location().url})`);
    }
  });
  return problems;
}

interface Given {
  /** A stand-in for LinkedIn of this test's own: one member, one ad account, one form, no leads. */
  sandbox: Sandbox;
  /** A Leadline of this test's own, with nobody in it. */
  leadline: Leadline;
}

export const test = base.extend<Given>({
  sandbox: async ({}, use) => {
    const sandbox = await Sandbox.start();
    await use(sandbox);
    await sandbox.stop();
  },
  leadline: async ({ sandbox }, use) => {
    const leadline = await Leadline.start(sandbox);
    await use(leadline);
    await leadline.stop();
  },
  baseURL: async ({ leadline }, use) => use(leadline.url),
  page: async ({ page }, use) => {
    const problems = watch(page);
    await use(page);
    expect(problems, "the browser complains about nothing").toEqual([]);
  },
});

export { type Page, expect };
