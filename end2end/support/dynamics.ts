// The stand-in for Dynamics 365, and its control API.

import { Program, freePort } from "./program.ts";

/** The application with everything that Leadline needs, and others that lack something. */
export const CLIENT = "1eadf10e-0000-4c11-8e47-000000000001";
export const STRANGER = "1eadf10e-0000-4c11-8e47-000000000002";
export const ROLELESS = "1eadf10e-0000-4c11-8e47-000000000003";
export const SECRET = "s3cr3t~+/=&% of the sandbox";
export const ORGANIZATION = "0a6a512a-0000-4f01-9001-000000000001";
export const OTHER_TENANT = "fab71ca0-2222-4a7e-8b02-000000000002";

export class Dynamics {
  private constructor(
    readonly url: string,
    readonly authority: string,
    private readonly program: Program,
  ) {}

  static async start(): Promise<Dynamics> {
    const [linkedin, entra, organization] = [await freePort(), await freePort(), await freePort()];
    const at = (port: number) => `127.0.0.1:${port}`;
    const listen = ["--listen", at(linkedin), "--entra-listen", at(entra), "--organization-listen", at(organization)];
    const program = new Program(["sandbox", ...listen]);
    const dynamics = new Dynamics(`http://${at(organization)}`, `http://${at(entra)}`, program);
    await program.answers(`${dynamics.url}/control/state`);
    return dynamics;
  }

  /** The settings of a server that may speak to it. */
  get settings(): Record<string, string> {
    return { LEADLINE_DATAVERSE__AUTHORITY_URL: this.authority, LEADLINE_DATAVERSE__ALLOWED_HOSTS: "127.0.0.1" };
  }

  async stop(): Promise<void> {
    await this.program.stop();
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
