// A network that a test can break: a TCP proxy on loopback that goes silent, or leads to another server.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** Nothing more gets through, in either direction, and no connection ends: as when packets are dropped. */
  drop(): void;
  pass(): void;
  /** Where new connections lead from now on; those that stand, stay. */
  lead(port: number): void;
  close(): Promise<void>;
}

export async function createProxy(to: number): Promise<TcpProxy> {
  let target = to;
  let drops = false;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const join = (client: Socket, upstream: Socket) => client.pipe(upstream).pipe(client);
  const held = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    keep(client);
    keep(upstream);
    if (drops) held.add(() => join(client, upstream));
    else join(client, upstream);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    drop() {
      drops = true;
      for (const socket of sockets) socket.pause();
    },
    pass() {
      drops = false;
      for (const socket of sockets) socket.resume();
      for (const begin of held) begin();
      held.clear();
    },
    lead(next) {
      target = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
