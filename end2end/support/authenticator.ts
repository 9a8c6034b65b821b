// An authenticator app: computes the codes of a second factor (RFC 6238).

import { createHmac } from "node:crypto";

const STEP = 30_000;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytes(base32: string): Buffer {
  let bits = "";
  for (const letter of base32) bits += LETTERS.indexOf(letter).toString(2).padStart(5, "0");
  const whole = bits.match(/.{8}/g) ?? [];
  return Buffer.from(whole.map((byte) => Number.parseInt(byte, 2)));
}

/** A phone that has taken over the secret, as it is shown: in groups. */
export class Authenticator {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = bytes(secret.replaceAll(" ", ""));
  }

  /** The code of now, or of so many steps later. */
  code(later = 0): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP) + later));
    const hash = createHmac("sha1", this.key).update(counter).digest();
    const offset = hash.readUInt8(hash.length - 1) & 15;
    const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
    return number.toString().padStart(6, "0");
  }
}
