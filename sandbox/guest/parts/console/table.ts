import { inspect } from './format.ts';

const maxRows = 1_000;

/** Draws rows as a table, or answers `undefined` for what has no rows. */
export function formatTable(data: unknown, only?: readonly string[]): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const rows = Object.entries(data).slice(0, maxRows);
  const columns: string[] = only === undefined ? [] : only.map(String);
  let hasValues = false;
  for (const [, row] of rows) {
    if (typeof row !== 'object' || row === null) hasValues = true;
    else if (only === undefined)
      for (const key of Object.keys(row as object)) if (!columns.includes(key)) columns.push(key);
  }
  const head = ['(index)', ...columns, ...(hasValues ? ['Values'] : [])];
  const body = rows.map(([index, row]) => {
    const isObject = typeof row === 'object' && row !== null;
    const cells = columns.map((column) =>
      isObject && Object.hasOwn(row as object, column) ? inspect((row as Record<string, unknown>)[column], 0) : '',
    );
    return [index, ...cells, ...(hasValues ? [isObject ? '' : inspect(row, 0)] : [])];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]!.length)) + 2);
  const line = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const write = (cells: readonly string[]): string =>
    `│${cells.map((cell, column) => ` ${cell.padEnd(widths[column]! - 1)}`).join('│')}│`;
  return [line('┌', '┬', '┐'), write(head), line('├', '┼', '┤'), ...body.map(write), line('└', '┴', '┘')].join('\n');
}
