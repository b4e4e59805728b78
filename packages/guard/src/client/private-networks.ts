// The networks of the machine itself and the private ones around it: what blocks an address leaves these alone.

/**
 * This machine, private and link-local networks (RFC 1918, 4193, 3927, 6890), and those between a provider and its customers
 * (RFC 6598): proxies and load balancers have such addresses. Whoever blocks these blocks everybody behind them.
 */
export const privateNetworks: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::/127",
  "fc00::/7",
  "fe80::/10",
];
