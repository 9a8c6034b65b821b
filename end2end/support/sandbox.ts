// The stand-in for LinkedIn, and its control API.

import { Program, freePort } from "./program.ts";

/** The ad account that is in every seed. */
export const ACCOUNT = 501234567;

export type Answers = Record<string, string>;

export class Sandbox {
  private constructor(
    readonly url: string,
    private readonly program: Program | undefined,
  ) {}

  /** A sandbox of its own, with one member, one ad account, one form and no leads. */
  static async start(): Promise<Sandbox> {
    const port = await freePort();
    const program = new Program(["sandbox", "--listen", `127.0.0.1:${port}`]);
    const sandbox = new Sandbox(`http://127.0.0.1:${port}`, program);
    await program.answers(`${sandbox.url}/control/state`);
    await sandbox.control("POST", "reset", { seed: "empty" });
    return sandbox;
  }

  async stop(): Promise<void> {
    await this.program?.stop();
  }

  /** Somebody fills in a form; gives the response's id. */
  async submit(answers: Answers, more: object = {}): Promise<string> {
    const lead = await this.control("POST", "leads", { account: ACCOUNT, answers, ...more });
    return (lead as { id: string }).id;
  }

  /** Makes things go wrong: see the knobs in the sandbox's README. */
  async faults(knobs: object): Promise<void> {
    await this.control("PATCH", "faults", knobs);
  }

  /** Says who is signed in at the OpenID provider: see the sandbox's README. */
  async provide(claims: object): Promise<void> {
    await this.control("POST", "oidc", { claims });
  }

  async control(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.url}/control/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
