/** The table of the README that tells how much of the Web platform there is, made of the counts on record. */
import { readFileSync } from 'node:fs';

interface Count {
  readonly passed: number;
  readonly total: number;
}
interface CountsRecord {
  readonly areas: Readonly<Record<string, { readonly files: number; readonly isohost: Count; readonly node: Count }>>;
}

export function conformanceTable(): string {
  const text = readFileSync(new URL('../conformance/counts.json', import.meta.url), 'utf8');
  const rows = Object.entries((JSON.parse(text) as CountsRecord).areas).map(
    ([area, { files, isohost, node }]) => `| ${area} | ${files} | ${show(isohost)} | ${show(node)} |`,
  );
  return ['| area | files | isohost | Node 26 |', '|---|---|---|---|', ...rows].join('\n');
}

function show({ passed, total }: Count): string {
  return `${passed.toLocaleString('en')} / ${total.toLocaleString('en')}`;
}
