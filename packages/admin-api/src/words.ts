// What server and clients call things, for whoever checks nothing: no library comes along.

export const adminBase = "/api/admin/security";

/** Formats that events are handed on in: the Elastic Common Schema, and the Open Cybersecurity Schema Framework. */
export const eventFormats = ["ecs", "ocsf"] as const;
export type EventFormat = (typeof eventFormats)[number];
