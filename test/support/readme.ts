import { readFileSync } from 'node:fs';
import {
  environmentVariableOf,
  flagOf,
  functionOptions,
  hostOptions,
  isolationOptions,
  keyOf,
  serverOptions,
  tenantOptions,
} from '../../src/options.ts';

export const readmeFile = new URL('../../README.md', import.meta.url);

export function readReadme(): string {
  return readFileSync(readmeFile, 'utf8');
}

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
export function sectionOf(readme: string, name: string): string {
  const section = new RegExp(`<!-- ${name} -->([\\s\\S]*?)<!-- /${name} -->`).exec(readme)?.[1];
  if (section === undefined) throw new Error(`README has no section "${name}"`);
  return section.trim();
}

/** The code block that begins with ```` ```ts example=name ````. */
export function exampleOf(readme: string, name: string): string {
  const code = new RegExp(`\`\`\`ts example=${name}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (code === undefined) throw new Error(`README has no example "${name}"`);
  return code;
}

/** The first cells of a table's rows, without their back-ticks. */
export function firstCells(rows: string): string[] {
  return [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell!);
}

interface Row {
  readonly default: unknown;
  readonly description: string;
}

/** The tables of options as README must have them. */
export function optionTables(): string {
  return [
    table('Of the server:', serverOptions),
    table('Isolation:', isolationOptions),
    table('Limits of functions:', functionOptions),
    table('Of tenants:', tenantOptions),
    table('Of the host:', hostOptions),
  ].join('\n\n');
}

function table(title: string, options: Readonly<Record<string, Row>>): string {
  const rows = Object.entries(options).map(
    ([name, { default: fallback, description }]) =>
      `| \`${keyOf(name)}\` | \`${flagOf(name)}\` | \`${environmentVariableOf(name)}\` | ${show(fallback)} | ${description} |`,
  );
  return [`${title}\n`, '| key | flag | variable | default | |', '|---|---|---|---|---|', ...rows].join('\n');
}

function show(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  if (value === false) return 'off';
  return typeof value === 'number' ? value.toLocaleString('en') : `\`${String(value)}\``;
}
