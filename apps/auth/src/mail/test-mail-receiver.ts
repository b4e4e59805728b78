// A real SMTP server on loopback, which refuses, stalls or hangs up when it is told to; for whoever tries out what flux-auth sends.

import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { parseMail, type ReadMail } from "./test-mails.ts";

/** What a command is answered with: nothing takes it, a promise that never resolves stalls. */
export type Answer = undefined | { readonly code: number; readonly text: string } | "hang up";

export interface Behaviour {
  connect?: () => Answer | Promise<Answer>;
  recipient?: (address: string) => Answer | Promise<Answer>;
  /** Asked with the whole mail, before it is taken. */
  data?: (mail: ReadMail) => Answer | Promise<Answer>;
}

export interface ReceivedMail extends ReadMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

export interface MailReceiver {
  readonly port: number;
  /** Without TLS. */
  readonly url: string;
  /** Those that were taken, in order. */
  readonly mails: ReceivedMail[];
  /** The recipient of each try, whatever became of it. */
  readonly tries: string[];
  readonly connections: () => number;
  /** To be changed at any time. */
  behaviour: Behaviour;
  close(): Promise<void>;
}

/** @param options of smtp-server; by default without TLS and sign-in */
export async function startMailReceiver(
  options: SMTPServerOptions = { disabledCommands: ["STARTTLS", "AUTH"] },
): Promise<MailReceiver> {
  const sockets = new Map<string, Socket>();
  let connections = 0;

  async function answer(sessionPort: number, asked: Answer | Promise<Answer>, done: (error?: Error) => void) {
    const given = await asked;
    if (given === "hang up") sockets.get(String(sessionPort))?.destroy();
    else done(given && Object.assign(new Error(given.text), { responseCode: given.code }));
  }

  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    closeTimeout: 1,
    ...options,
    onConnect: ({ remotePort }, done) => void answer(remotePort, test.behaviour.connect?.(), done),
    onRcptTo({ address }, { remotePort }, done) {
      test.tries.push(address);
      void answer(remotePort, test.behaviour.recipient?.(address), done);
    },
    onData(stream, session, done) {
      // A client that leaves in the middle of a mail has sent none.
      receive(stream, session, done).catch(() => {});
    },
  });

  async function receive(...[stream, session, done]: Parameters<SMTPServer["onData"]>): Promise<void> {
    const mail = await parseMail(await buffer(stream));
    await answer(session.remotePort, test.behaviour.data?.(mail), (error) => {
      const { mailFrom, rcptTo } = session.envelope;
      const envelope = { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) };
      if (!error) test.mails.push({ ...mail, envelope, encrypted: session.secure, user: session.user });
      done(error);
    });
  }

  server.server.on("connection", (socket: Socket) => {
    connections++;
    const { remotePort } = socket;
    sockets.set(String(remotePort), socket);
    socket.once("close", () => sockets.delete(String(remotePort)));
  });
  // What a client does that a test lets go wrong.
  server.on("error", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.server.address() as AddressInfo;
  const test: MailReceiver = {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails: [],
    tries: [],
    connections: () => connections,
    behaviour: {},
    close: () => new Promise<void>((closed) => server.close(closed)),
  };
  return test;
}
