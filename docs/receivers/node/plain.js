import { createHmac, timingSafeEqual } from "node:crypto";

// `body` is the request's body as text, before anything parsed it. Throws if it is not to be believed.
export function verify(secret, headers, body) {
  const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`]);
  return check(secret, id, timestamp, signature, body);
}

// For an endpoint in `envelope` mode: everything is in the body.
export function verifyEnvelope(secret, body) {
  const sent = JSON.parse(body);
  return check(secret, sent.webhook_id, sent.webhook_timestamp, sent.webhook_signature, sent.payload);
}

function check(secret, id, timestamp, signature, payload) {
  if (!id || !/^\d{1,12}$/.test(timestamp) || !signature || !payload) throw new Error("not a signed message");
  if (Math.abs(Date.now() / 1000 - timestamp) > 300) throw new Error("too old, or from the future");
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  if (key.length < 24) throw new Error("no secret"); // An empty one is everybody's.
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${payload}`).digest("base64");
  const expected = Buffer.from(`v1,${mac}`);
  const matches = (one) => one.length === expected.length && timingSafeEqual(one, expected);
  if (!signature.split(" ").some((one) => matches(Buffer.from(one)))) throw new Error("not signed with this secret");
  return JSON.parse(payload);
}
