// What is wrong with a Dockerfile, as far as that can be seen without an engine.

export interface DockerfileFacts {
  /** Version of Node that the repository is run with. */
  readonly node: string;
  /** Whether a path of the repository is there, and sent to the engine. */
  readonly isSent: (path: string) => boolean;
  /** Every package.json that the lock file speaks of. */
  readonly manifests: readonly string[];
  /** Variables that flux-auth reads. */
  readonly variables: readonly string[];
  /** What `npm start` gives the runtime, and what it runs. */
  readonly start: readonly string[];
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Of the runtime itself. */
const otherVariables = ["NODE_COMPILE_CACHE"];

/** In words, none when all is well. */
export function dockerfileProblems(text: string, facts: DockerfileFacts): string[] {
  const all = instructionsOf(text);
  const last = all.slice(all.findLastIndex(({ name }) => name === "FROM"));
  return [...imageProblems(all, facts), ...copyProblems(all, facts), ...serverProblems(last, facts)];
}

function instructionsOf(text: string): Instruction[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", ...words] = line.split(/\s+/);
      return { name: name.toUpperCase(), rest: words.join(" ") };
    });
}

const of = (all: readonly Instruction[], name: string): string[] =>
  all.filter((one) => one.name === name).map(({ rest }) => rest);

function imageProblems(all: readonly Instruction[], { node }: DockerfileFacts): string[] {
  const stages = new Set<string>();
  return of(all, "FROM").flatMap((rest) => {
    const [image = "", , stage] = rest.split(" ");
    const isKnown = stages.has(image) || image.startsWith(`node:${node}-`);
    if (stage) stages.add(stage);
    return isKnown ? [] : [`FROM ${image} is neither an earlier stage nor Node ${node}`];
  });
}

function copyProblems(all: readonly Instruction[], { isSent, manifests }: DockerfileFacts): string[] {
  const copied = of(all, "COPY")
    .filter((rest) => !rest.startsWith("--from="))
    .flatMap((rest) => rest.split(" ").slice(0, -1));
  return [
    ...copied.filter((path) => !isSent(path)).map((path) => `COPY ${path}: it is not in the context`),
    // npm ci refuses a lock file that speaks of more than it sees.
    ...manifests
      .filter((path) => !copied.includes(path))
      .map((path) => `${path} is not copied before npm ci`),
    ...of(all, "RUN")
      .filter((rest) => /\bnpm (?:i|install|add)\b/.test(rest))
      .map((rest) => `RUN ${rest}: npm ci alone keeps to the lock file`),
  ];
}

function serverProblems(last: readonly Instruction[], { variables, start }: DockerfileFacts): string[] {
  const problems: string[] = [];
  const set = of(last, "ENV").flatMap((rest) => rest.split(" ").map((pair) => pair.split("=")[0] ?? ""));
  for (const name of set) {
    if (![...variables, ...otherVariables].includes(name)) problems.push(`ENV ${name}: nobody reads it`);
  }
  for (const name of [...set, ...of(last, "ARG")]) {
    if (/SECRET|PASSWORD|TOKEN|_URL/.test(name)) problems.push(`${name} would be kept in the image`);
  }
  const user = of(last, "USER").at(-1);
  if (user === undefined || /^(?:root|0)\b/.test(user)) problems.push("USER: the server would be root");
  if (!of(last, "HEALTHCHECK").some((rest) => rest.includes("/readyz")))
    problems.push("HEALTHCHECK does not ask /readyz");
  const command = JSON.stringify(["node", ...start]);
  if (JSON.stringify(parsed(of(last, "CMD").at(-1))) !== command)
    problems.push(`CMD is not ${command}, as npm start`);
  return problems;
}

/** The form without a shell, which would not hand signals on. */
function parsed(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
