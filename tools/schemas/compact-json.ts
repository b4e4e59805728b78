// JSON whose difference can be read: what fits in a line stands in one.

const lineWidth = 110;

/** @param indent spaces before each line but the first */
export function compactJson(value: unknown, indent = 0): string {
  const line = JSON.stringify(value);
  if (indent + line.length <= lineWidth || typeof value !== "object" || value === null) return line;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = " ".repeat(indent + 1);
  const items = Array.isArray(value)
    ? value.map((item) => compactJson(item, indent + 1))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${compactJson(item, indent + 1)}`);
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${" ".repeat(indent)}${close}`;
}
