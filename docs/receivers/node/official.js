// npm install standardwebhooks
import { Webhook } from "standardwebhooks";

// `body` is the request's body as text, before anything parsed it. Throws if it is not to be believed.
export function verify(secret, headers, body) {
  return new Webhook(secret).verify(body, headers);
}
