// An authenticator for tests: makes passkeys and signs with them, as a phone or a security key does (WebAuthn, level 3).

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

export interface TestPasskeyOptions {
  /** That of somebody else's passkey, to copy it. @default its own */
  readonly id?: Buffer;
  readonly origin: string;
  readonly rpId: string;
  /** Whether it asks for a PIN or a finger. @default true */
  readonly verifiesUser?: boolean;
}

interface Challenge {
  readonly challenge: string;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest();

/** Of authenticator data: user present, user verified, attested credential data. */
const flags = { present: 0x01, verified: 0x04, attested: 0x40 };

export function createTestPasskey({
  origin,
  rpId,
  verifiesUser = true,
  id = randomBytes(32),
}: TestPasskeyOptions) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  let counter = 0;

  function clientData(type: "webauthn.create" | "webauthn.get", { challenge }: Challenge): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  function authenticatorData(more: number, verified: boolean, attested = Buffer.alloc(0)): Buffer {
    const tail = Buffer.alloc(5);
    tail[0] = flags.present | (verified ? flags.verified : 0) | more;
    tail.writeUInt32BE(++counter, 1);
    return Buffer.concat([sha256(rpId), tail, attested]);
  }

  /** RFC 9053: an EC2 key on P-256 for ES256. */
  function coseKey(): Uint8Array {
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const parameters: [number, number | Uint8Array][] = [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, "base64url"))],
      [-3, new Uint8Array(Buffer.from(y, "base64url"))],
    ];
    return isoCBOR.encode(new Map(parameters));
  }

  return {
    /** The answer to `navigator.credentials.create`. */
    create(options: Challenge) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey()]);
      const attestation = new Map<string, string | Map<string, string> | Uint8Array>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", new Uint8Array(authenticatorData(flags.attested, verifiesUser, attested))],
      ]);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", options)),
          attestationObject: base64url(isoCBOR.encode(attestation)),
          transports: ["internal"],
        },
      };
    },

    /** The answer to `navigator.credentials.get`. */
    get(options: Challenge, verified = verifiesUser) {
      const data = clientData("webauthn.get", options);
      const authenticator = authenticatorData(0, verified);
      const signature = sign("sha256", Buffer.concat([authenticator, sha256(data)]), privateKey);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(data),
          authenticatorData: base64url(authenticator),
          signature: base64url(signature),
        },
      };
    },
  };
}
