// Reads out of one source file what it imports and where it reads process.env, with a real parser.

import { parseAst } from "vitest/node";

/** One import, export-from, dynamic import or require. */
export interface ImportedSpecifier {
  readonly specifier: string;
  readonly line: number;
  /** Whether only types are taken. */
  readonly isTypeOnly: boolean;
}

/** What the import table wants to know about a file. */
export interface SourceFacts {
  readonly imports: readonly ImportedSpecifier[];
  /** The lines on which `process.env` is read. */
  readonly environmentLines: readonly number[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [property: string]: unknown;
}

/**
 * Parses TypeScript or JavaScript.
 *
 * @param path Decides the language by its ending.
 * @throws SyntaxError when the file cannot be parsed.
 */
export function readSource(path: string, text: string): SourceFacts {
  const lang = path.endsWith("x") ? "tsx" : "ts";
  const program = parseAst(text, { lang, sourceType: path.endsWith(".cjs") ? "script" : "module" });
  const imports: ImportedSpecifier[] = [];
  const environmentLines: number[] = [];
  const lineOf = (node: Node) => text.slice(0, node.start).split("\n").length;
  walk(program as unknown as Node, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined)
      imports.push({ specifier, line: lineOf(node), isTypeOnly: isTypeOnly(node) });
    if (readsEnvironment(node)) environmentLines.push(lineOf(node));
  });
  return { imports, environmentLines };
}

function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return literalOf(node.source);
    case "TSExternalModuleReference":
      return literalOf(node.expression);
    case "CallExpression":
      return isNamed(node.callee, "require") ? literalOf(firstOf(node.arguments)) : undefined;
    default:
      return undefined;
  }
}

function isTypeOnly(node: Node): boolean {
  if (node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type") return true;
  // `import { type A, type B }`; an import without any name is there for what it does.
  const specifiers = isList(node.specifiers) ? node.specifiers : [];
  return (
    specifiers.length > 0 && specifiers.every((one) => one.importKind === "type" || one.exportKind === "type")
  );
}

/** `process.env`, `process["env"]`, `const { env } = process`, `import { env } from "node:process"`. */
function readsEnvironment(node: Node): boolean {
  switch (node.type) {
    case "MemberExpression":
      return (
        isNamed(node.object, "process") &&
        (isNamed(node.property, "env") || literalOf(node.property) === "env")
      );
    case "VariableDeclarator":
      return isNamed(node.init, "process") && hasKey(node.id, "env");
    case "ImportDeclaration":
      return (
        ["process", "node:process"].includes(literalOf(node.source) ?? "") &&
        isList(node.specifiers) &&
        node.specifiers.some((one) => isNamed(one.imported, "env"))
      );
    default:
      return false;
  }
}

function hasKey(pattern: unknown, name: string): boolean {
  return (
    isNode(pattern) && isList(pattern.properties) && pattern.properties.some((one) => isNamed(one.key, name))
  );
}

function literalOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && isList(node.quasis) && node.quasis.length === 1) {
    const { value } = node.quasis[0] as Node & { value?: { cooked?: string } };
    return value?.cooked;
  }
  return undefined;
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node.name === name;
}

function firstOf(list: unknown): unknown {
  return isList(list) ? list[0] : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function isList(value: unknown): value is Node[] {
  return Array.isArray(value);
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of isList(value) ? value : [value]) if (isNode(child)) walk(child, visit);
  }
}
