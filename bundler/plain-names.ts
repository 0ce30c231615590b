/**
 * esbuild keeps the names of functions and classes by a call for each of them, whether its own renaming has changed the name or not. A call
 * defines a property: one for each function that is made, time and again, and slow in code that runs for the first time. Where V8 gives the
 * same name by itself, the call is taken out.
 */
import { type AnyNode, parse } from 'acorn';

const helper = '__name';
/** Between a node and its children there are no others that are worth a look. */
const notChildren: ReadonlySet<string> = new Set(['type', 'start', 'end', 'loc', 'range']);

/** Parsing takes time and memory in proportion; larger bundles stay as they are. */
const maxLength = 2 * 2 ** 20;

/** Where something is taken out, in UTF-16 code units. */
type Span = readonly [start: number, end: number];

/**
 * Nothing moves: what is taken out becomes spaces, so that a source map stays true.
 *
 * @param code As esbuild writes it with `keepNames`.
 * @returns The same code where it cannot be parsed.
 */
export function withPlainNames(code: string, sourceType: 'script' | 'module' = 'script'): string {
  if (code.length > maxLength || !code.includes(`${helper}(`)) return code;
  const spans = findSpans(code, sourceType).sort(([a], [b]) => a - b);
  let plain = '';
  let at = 0;
  for (const [start, end] of spans) {
    plain += code.slice(at, start) + code.slice(start, end).replaceAll(/[^\n\r]/g, ' ');
    at = end;
  }
  return plain + code.slice(at);
}

function findSpans(code: string, sourceType: 'script' | 'module'): Span[] {
  const search: Search = { spans: [], references: 0 };
  try {
    visit(parse(code, { ecmaVersion: 'latest', sourceType }) as AnyNode, [], search);
  } catch {
    // No script, or nested too deeply: what V8 makes of it, it says better.
    return [];
  }
  // It is declared once, and called: where the code has such a name of its own, calls may be of that one.
  return search.references <= 1 ? search.spans : [];
}

interface Search {
  readonly spans: Span[];
  /** How often the helper is mentioned without being called or imported. */
  references: number;
}

/** @param ancestors The nearest last. */
function visit(node: AnyNode, ancestors: AnyNode[], search: Search): void {
  if (node.type === 'CallExpression') look(node, ancestors, search.spans);
  if (node.type === 'Identifier' && node.name === helper && !isExpected(node, ancestors.at(-1)!))
    search.references += 1;
  ancestors.push(node);
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    if (notChildren.has(key)) continue;
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) visit(child, ancestors, search);
    }
  }
  ancestors.pop();
}

function isExpected(node: AnyNode, parent: AnyNode): boolean {
  const { type } = parent;
  return (type === 'CallExpression' && parent.callee === node) || type === 'ImportSpecifier';
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function look(call: AnyNode & { type: 'CallExpression' }, ancestors: readonly AnyNode[], spans: Span[]): void {
  const [named, text] = call.arguments;
  if (call.callee.type !== 'Identifier' || call.callee.name !== helper || call.arguments.length !== 2) return;
  if (text?.type !== 'Literal' || typeof text.value !== 'string' || named === undefined) return;
  const parent = ancestors.at(-1)!;
  if (parent.type === 'ExpressionStatement') {
    const given = named.type === 'ThisExpression' ? nameOfClassAround(ancestors) : nameOf(named);
    if (given === text.value) spans.push([parent.start, parent.end]);
    return;
  }
  if (!isAnonymous(named as AnyNode) || nameGivenBy(parent, call) !== text.value) return;
  spans.push([call.start, named.start], [named.end, call.end]);
}

/** Of the class in whose static block a statement stands. */
function nameOfClassAround(ancestors: readonly AnyNode[]): string | undefined {
  const [parent, around, body, block] = ancestors.slice(-5);
  if (block?.type !== 'StaticBlock' || body?.type !== 'ClassBody') return undefined;
  if (around?.type === 'ClassDeclaration') return nameOf(around.id);
  if (around?.type !== 'ClassExpression') return undefined;
  return isAnonymous(around) ? nameGivenBy(parent!, around) : nameOf(around.id!);
}

function isAnonymous(node: AnyNode): boolean {
  const { type } = node;
  if (type === 'FunctionExpression' || type === 'ClassExpression') return node.id === null || node.id === undefined;
  return type === 'ArrowFunctionExpression';
}

/** The name that a function gets from where it stands. https://tc39.es/ecma262/#sec-runtime-semantics-namedevaluation */
function nameGivenBy(parent: AnyNode, value: AnyNode): string | undefined {
  switch (parent.type) {
    case 'VariableDeclarator':
      return nameOf(parent.id);
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent.right === value ? nameOf(parent.left) : undefined;
    case 'Property':
    case 'PropertyDefinition':
      // The property `__proto__` is none: a value there is the prototype, and gets no name.
      return parent.value === value && !parent.computed && nameOf(parent.key) !== '__proto__'
        ? nameOf(parent.key)
        : undefined;
    default:
      return undefined;
  }
}

function nameOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === 'Identifier') return node.name;
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
