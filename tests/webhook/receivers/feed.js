// Feeds deliveries to an example: a JSON array in, a JSON array of sequences (or null) out.
import { readFileSync } from "node:fs";

const { verify, verifyEnvelope } = await import(`./${process.argv[2]}`);
const outcome = ({ secret, headers, body }) => {
  try {
    return (headers ? verify(secret, headers, body) : verifyEnvelope(secret, body)).data.sequence;
  } catch (error) {
    if (error instanceof ReferenceError) throw error;
    return null;
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(outcome)));
