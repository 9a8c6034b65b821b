// Starts the program under test, and stops it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const PROGRAM =
  process.env.PROGRAM_PATH ??
  fileURLToPath(new URL("../../target/debug/leadline", import.meta.url));

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

/** Runs `leadline …` to its end; `input` is what is typed. */
export function command(args: string[], env: Record<string, string>, cwd: string, input: string): string {
  return execFileSync(PROGRAM, args, { cwd, env, input, encoding: "utf8" });
}

/** One running `leadline …`, with everything it has written so far. */
export class Program {
  output = "";
  private readonly child: ChildProcess;

  constructor(args: string[], env: Record<string, string> = {}, cwd?: string) {
    this.child = spawn(PROGRAM, args, {
      cwd,
      env: { PATH: process.env.PATH ?? "", RUST_BACKTRACE: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    }
  }

  /** Waits until `url` answers with success; what the program wrote tells why it did not. */
  async answers(url: string): Promise<void> {
    const until = Date.now() + 30_000;
    while (Date.now() < until && this.child.exitCode === null) {
      const answer = await fetch(url, { redirect: "manual" }).catch(() => undefined);
      if (answer && answer.status < 500) return;
      await new Promise((resume) => setTimeout(resume, 50));
    }
    throw new Error(`${url} does not answer.\n${this.output}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGTERM");
    const killer = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await exit;
    clearTimeout(killer);
  }
}
