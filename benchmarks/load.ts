// Asks a URL over kept connections as fast as it answers; run in a process of its own, so that it takes no time from the server.

import { Agent, get } from "node:http";

const [url = "", requests = "0", connections = "1"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
let sent = 0;

async function worker(): Promise<void> {
  while (sent < Number(requests)) {
    const address = `10.${(sent >> 8) & 255}.${sent & 255}.7`;
    sent++;
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers: { "x-client": address } }, (response) =>
        response.resume().on("end", resolve),
      ).on("error", reject);
    });
  }
}

const start = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, worker));
process.stdout.write(`${(sent / (performance.now() - start)) * 1000}\n`);
agent.destroy();
