// What may leave in a profile: `@sentry/profiling-node` hands it to the transport itself, past all that is done with events.

import type { BaseEnvelopeItemHeaders, Envelope, ProfileChunk } from "@sentry/core";
import { scrubFrame } from "./scrub-event.ts";

/** Ours have some hundred. */
const maxFrames = 5_000;

/** @returns the envelope, with the profiles in it made anew */
export function scrubProfiles<Kind extends Envelope>([headers, items]: Kind): Kind {
  const kept = (items as [BaseEnvelopeItemHeaders, unknown][]).map(([header, payload]) => [
    header,
    header.type === "profile_chunk" ? scrubChunk(payload as ProfileChunk) : payload,
  ]);
  return [headers, kept] as Kind;
}

function scrubChunk(chunk: ProfileChunk): ProfileChunk {
  const { chunk_id, profiler_id, platform, version, release, environment, client_sdk, measurements } = chunk;
  const { samples, stacks, frames, thread_metadata } = chunk.profile;
  return {
    ...{ chunk_id, profiler_id, platform, version, release, environment, client_sdk },
    ...(measurements && { measurements }),
    // Where source maps lie on this machine: there are none.
    debug_meta: { images: [] },
    profile: { samples, stacks, frames: frames.slice(0, maxFrames).map(scrubFrame), thread_metadata },
  } as ProfileChunk;
}
