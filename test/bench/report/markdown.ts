/** The report as Markdown, as it stands in README and on the terminal. */
import type { Results } from '../results.ts';
import { limitsOf } from './limits.ts';
import { contestantsOf, skipsOf, type Table, tablesOf } from './tables.ts';

export function toMarkdown(results: Results): string {
  const { machine } = results;
  return [
    `${machine.date}, ${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}; ${measured(results)}. In parentheses: times the first row.`,
    markdownTable({
      title: 'Contestants',
      columns: ['what a call sees of others, and what holds it'],
      isText: true,
      rows: contestantsOf(results).map(({ title, isolation }) => [title, isolation]),
    }),
    ...tablesOf(results).map(markdownTable),
    ...limitsOf(results),
    ...skippedLines(results),
  ].join('\n\n');
}

function measured({ rounds, effort: { seconds, warmUpSeconds } }: Results): string {
  const each = `${seconds} s for each figure behind ${warmUpSeconds} s of the same`;
  return rounds === 1 ? `${each}, once` : `${each}, medians of ${rounds} rounds`;
}

function skippedLines(results: Results): string[] {
  const skips = skipsOf(results);
  return skips.length === 0 ? [] : [`Left out:\n\n${skips.map((skip) => `- ${skip}`).join('\n')}`];
}

function markdownTable({ title, columns, rows, isText = false }: Table): string {
  const lines = [
    ['', ...columns],
    ['', ...columns].map((_, index) => (index === 0 || isText ? '---' : '---:')),
    ...rows,
  ].map((cells) => `| ${cells.join(' | ')} |`);
  return `**${title}**\n\n${lines.join('\n')}`;
}
