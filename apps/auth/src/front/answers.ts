// The answers of the front, each measured like one of the application.

import type { ClientIp, Outcome } from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";
import type { OpenRequest, Requests } from "@fluxstudio/telemetry";
import type { RouteLabel } from "../monitoring/route-labels.ts";
import { createAnswerWriter, type Exchange, type FixedAnswer } from "./fixed-answers.ts";

export interface AnswersOptions {
  readonly requests: Requests;
  readonly clientIp: ClientIp;
  readonly labelOf: (method: string, path: string) => RouteLabel;
  readonly recordedPath: (path: string) => string;
  readonly publicUrl: string;
}

/** A request that was not begun before begins with its answer. */
export async function createAnswers(options: AnswersOptions) {
  const { requests, labelOf, recordedPath, clientIp, publicUrl } = options;
  const writeToProbe = await createAnswerWriter();
  const writeToClient = await createAnswerWriter(publicUrl);

  const begin = ({ incoming }: Exchange): OpenRequest =>
    requests.begin(incoming.headers.traceparent as string | undefined);

  function end(exchange: Exchange, request: OpenRequest, { status }: FixedAnswer, isRoutine: boolean): void {
    const { incoming, method, path } = exchange;
    const header = (name: string) => incoming.headers[name] as string | undefined;
    const ip = () => clientIp({ socketAddress: incoming.socket.remoteAddress, header });
    const facts = () => ({ path: recordedPath(path), ip: ip() });
    requests.end(request, { ...labelOf(method, path), status, isRoutine, facts });
  }

  function plain(exchange: Exchange, answer: FixedAnswer, request = begin(exchange)): void {
    writeToClient(exchange, request, answer);
    end(exchange, request, answer, false);
  }

  return {
    begin,
    plain,
    /** As flux-auth answers to the guard's refusals. */
    refused(exchange: Exchange, outcome: Outcome, request = begin(exchange)): void {
      request.refusal = { action: outcome.action, reason: outcome.reason ?? "decision" };
      plain(exchange, refusalOf(outcome), request);
    },
    busy(exchange: Exchange, answer: FixedAnswer, request = begin(exchange)): void {
      request.refusal = { action: "delay", reason: "busy" };
      plain(exchange, answer, request);
    },
    toProbe(exchange: Exchange, answer: FixedAnswer): void {
      const request = begin(exchange);
      writeToProbe(exchange, request, answer);
      end(exchange, request, answer, true);
    },
  };
}
