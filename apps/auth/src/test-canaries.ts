// Canary secrets for tests: each is planted in one place, and known wherever it turns up, whole, in part or in base64.

/** Occurs in no word, number, hash or id by chance. Lower case, as e-mails lose theirs. */
const mark = "zq.7xk";
const marksInBase64 = [0, 1, 2].map(markInBase64);
const markTexts = [mark, ...marksInBase64];
const marks = new RegExp([`${mark.replace(".", "\\.")}(\\d{6})?`, ...marksInBase64].join("|"), "g");

export interface Canaries {
  /** Makes the secret for a place, e.g. `POST /api/auth/login, query token`. */
  plant(place: string): string;
  plantEmail(place: string): string;
  /** Takes in a secret that the server made. */
  learn(place: string, secret: string): void;
  /** The places whose secrets are in the text. */
  found(text: string): string[];
}

export function createCanaries(): Canaries {
  const places = new Map<string, string>();
  const learnt = new Map<string, string>();

  function plant(place: string): string {
    const id = String(places.size).padStart(6, "0");
    places.set(id, place);
    // Three times over, so that a snippet (JSON.parse quotes twenty characters) has one of them whole.
    return `${mark}${id}`.repeat(3);
  }

  return {
    plant,
    plantEmail: (place) => `${plant(`${place}, e-mail`)}@example.com`,
    learn: (place, secret) => void learnt.set(secret, place),
    found(text) {
      // Most hold none, and to look for a text takes a tenth of the time that the expression takes.
      const any = markTexts.some((one) => text.includes(one));
      const hits = any ? [...text.matchAll(marks)] : [];
      const planted = hits.map(([, id = ""]) => places.get(id) ?? "a part of a secret");
      const made = [...learnt].filter(([secret]) => text.includes(secret)).map(([, place]) => place);
      return [...new Set([...planted, ...made])];
    },
  };
}

/** What the mark becomes in base64 behind so many bytes of a group of three, without the characters that others share. */
function markInBase64(before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(mark)]);
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return bytes.toString("base64").slice(from, to);
}
