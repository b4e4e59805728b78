// For tests of whoever reports to Sentry: a receiver on loopback.

export { type Envelope, type EnvelopeItem, parseEnvelope } from "./envelope.ts";
export {
  type Behaviour,
  type ReceivedEvent,
  type SentryReceiver,
  startSentryReceiver,
} from "./sentry-receiver.ts";
