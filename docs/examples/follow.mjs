// Prints the new claims of a story with node-redis (npm install redis; tried with version 6.3).
import { createClient } from "redis";

const { REDIS_URL, STORY } = process.env;
const stream = `claimwire:{${STORY}}:new-claims`;
const group = "node";
const consumer = "one";

const client = await createClient({ url: REDIS_URL }).on("error", console.error).connect();
await client.xGroupCreate(stream, group, "0", { MKSTREAM: true }).catch((error) => {
  if (!error.message.includes("BUSYGROUP")) throw error;
});

let after = "0"; // first what was handed out and never acknowledged, then (>) what is new
for (;;) {
  const read = await client.xReadGroup(group, consumer, { key: stream, id: after }, { COUNT: 10, BLOCK: 2000 });
  const messages = read?.[0]?.messages ?? [];
  if (messages.length === 0) after = ">";
  for (const { id, message } of messages) {
    console.log(message.id, JSON.parse(message.data).claim.text);
    await client.xAck(stream, group, id);
  }
}
