// What is wrong with a compose file, as far as that can be seen without an engine.

export interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly init?: boolean;
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: string | readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly healthcheck?: { readonly test?: string | readonly string[] };
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

export interface ComposeFacts {
  /** Variables that flux-auth reads. */
  readonly variables: readonly string[];
  /** Whether a file of the repository is there. */
  readonly isThere: (path: string) => boolean;
}

const stores = ["postgres", "valkey"];
const isFluxAuth = (name: string): boolean => name.startsWith("flux-auth");

/** In words, none when all is well. */
export function composeProblems(compose: Compose, facts: ComposeFacts): string[] {
  const services = Object.entries(compose.services);
  return [
    ...services.flatMap(([name, service]) =>
      [...serviceProblems(name, service), ...volumeProblems(service, compose, facts)].map(
        (problem) => `${name}: ${problem}`,
      ),
    ),
    ...services
      .filter(([name]) => isFluxAuth(name))
      .flatMap(([name, service]) =>
        serverProblems(service, compose, facts).map((problem) => `${name}: ${problem}`),
      ),
    ...storeProblems(compose),
  ];
}

function serviceProblems(name: string, service: Service): string[] {
  const { image = "", environment = {}, healthcheck, stop_grace_period = "10s" } = service;
  return [
    ...(/:\d+\.\d+\.\d+(?:-|$)|:\d+\.\d+-/.test(image) ? [] : [`the image ${image} has no version`]),
    ...(service.read_only ? [] : ["its root file system can be written to"]),
    ...(service.cap_drop?.includes("ALL") ? [] : ["it keeps capabilities"]),
    ...(service.init ? [] : ["nothing collects what its processes leave"]),
    ...(Number.parseInt(stop_grace_period, 10) >= 10 ? [] : ["it is killed before it can end"]),
    ...(healthcheck?.test ? [] : ["nobody looks at its health"]),
    // Caddy and flux-auth's own image say so themselves.
    ...(stores.includes(name) && [undefined, "root", "0"].includes(service.user) ? ["it runs as root"] : []),
    ...Object.entries(environment)
      .filter(([variable, value]) => /SECRET|PASSWORD|_URL$/.test(variable) && !isFromOutside(value))
      .map(([variable]) => `${variable} is written into the file`),
  ];
}

/** Every password in a value is a variable that is asked for by name when it is missing. */
const isFromOutside = (value: string): boolean =>
  /^\$\{\w+:-\}$/.test(value) ||
  (/\$\{\w+:\?[^}]+\}/.test(value) && !/:[^$@/]+@/.test(value.replaceAll(/\$\{[^}]*\}/g, "$")));

function volumeProblems({ volumes = [] }: Service, compose: Compose, { isThere }: ComposeFacts): string[] {
  return volumes
    .map((volume) => volume.split(":")[0] ?? "")
    .filter((from) => (from.startsWith("./") ? !isThere(from) : !Object.hasOwn(compose.volumes ?? {}, from)))
    .map((from) => `the volume ${from} is nowhere`);
}

function serverProblems(service: Service, { services }: Compose, { variables }: ComposeFacts): string[] {
  const { environment = {}, depends_on = {}, healthcheck } = service;
  const networks = services.proxy?.networks ?? [];
  const addresses = Object.values(networks).flatMap((network) =>
    network && typeof network === "object" && network.ipv4_address ? [`${network.ipv4_address}/32`] : [],
  );
  return [
    ...Object.keys(environment)
      .filter((name) => !variables.includes(name))
      .map((name) => `flux-auth reads no ${name}`),
    ...(JSON.stringify(healthcheck?.test ?? "").includes("/readyz") ? [] : ["its health is not /readyz"]),
    ...stores
      .filter((store) => depends_on[store]?.condition !== "service_healthy")
      .map((store) => `it does not wait for ${store}`),
    ...(addresses.length > 0 && environment.TRUSTED_PROXIES === addresses.join(",")
      ? []
      : ["it trusts something else than the proxy"]),
  ];
}

function storeProblems({ services, networks = {} }: Compose): string[] {
  const command = `${services.valkey?.command ?? ""}`;
  return [
    ...stores.flatMap((name) => {
      const { ports, networks: joined = [] } = services[name] ?? {};
      const names = Array.isArray(joined) ? joined : Object.keys(joined);
      const isInside = names.length > 0 && names.every((network: string) => networks[network]?.internal);
      return [
        ...(ports ? [`${name}: it is published`] : []),
        ...(isInside ? [] : [`${name}: it is on a network that leads outside`]),
      ];
    }),
    ...["--requirepass", "--maxmemory ", "--maxmemory-policy volatile-lru"]
      .filter((option) => !command.includes(option))
      .map((option) => `valkey: it has no ${option.trim()}`),
  ];
}
