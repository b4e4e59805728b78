// A receiver of alerts: takes what flux-auth has signed, and each alert once.
//
// npm run example -- alert-receiver PORT SECRET, with the server's ALERT_WEBHOOK_SECRET

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const [port = "3020", secret = ""] = process.argv.slice(2);
if (!/^whsec_./.test(secret)) {
  // What is signed with nothing anybody can sign.
  console.error(
    "usage: npm run example -- alert-receiver PORT SECRET, with the server's ALERT_WEBHOOK_SECRET",
  );
  process.exit(1);
}
const key = Buffer.from(secret.slice("whsec_".length), "base64");
const oldestMs = 5 * 60_000;

/** Standard Webhooks: HMAC-SHA256 of id, time and body; libraries for many languages do the same. */
function isSigned(id: string, timestamp: string, signatures: string, body: string): boolean {
  // Whoever has recorded an alert must not be able to send it again next week.
  if (!(Math.abs(Date.now() - Number(timestamp) * 1000) <= oldestMs)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  // There may be several, while the secret is being changed.
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** Keep this where it outlives the process. */
const seen = new Set<string>();

const server = createServer(async (request, response) => {
  const body = await text(request);
  const [id = "", timestamp = "", signatures = ""] = ["id", "timestamp", "signature"].map((name) =>
    String(request.headers[`webhook-${name}`] ?? ""),
  );
  if (!isSigned(id, timestamp, signatures, body)) return response.writeHead(401).end("wrong signature");
  // The same alert may come twice, when the answer to the first was lost.
  if (!seen.has(id)) {
    seen.add(id);
    const { type, data } = JSON.parse(body);
    console.log(`${type}: ${data.title}`);
  }
  response.writeHead(204).end();
});

server.listen(Number(port), "127.0.0.1", () => {
  const address = server.address();
  console.log(`listening on ${typeof address === "object" ? address?.port : port}`);
});
