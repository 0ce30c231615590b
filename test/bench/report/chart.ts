/** The report as a picture: CPU time per request, a row for each contestant, a panel for each of a few workloads. Light and dark. */
import type { Results } from '../results.ts';
import type { WorkloadName } from '../workloads.ts';
import { contestantsOf, digits } from './tables.ts';

const allPanels: readonly (readonly [WorkloadName, string])[] = [
  ['hello', 'hello'],
  ['react', 'React page'],
  ['jwt', 'JWT verified'],
  ['fetch', 'fetch, 10 ms'],
];
const namesWidth = 240;
const panelWidth = 170;
/** On either side of a panel; right of the last dot there is its number. */
const panelPadding = 12;
const numberWidth = 40;
const rowHeight = 22;
const headHeight = 78;
const footHeight = 34;
const dotRadius = 4.5;

/** Dots, not bars: on a logarithmic scale there is no zero for a bar to begin at. */
export function toSvg(results: Results): string {
  const rows = contestantsOf(results);
  const panels = allPanels.filter(([workload]) =>
    rows.some(({ name }) => results.median(workload, name, 'cpuMs') !== undefined),
  );
  const width = namesWidth + Math.max(2, panels.length) * panelWidth;
  const height = headHeight + rows.length * rowHeight + footHeight;
  const { machine } = results;
  const body = [
    text(12, 24, 'title', 'CPU time per request'),
    text(12, 44, 'quiet', 'milliseconds of all processes of the server, on a logarithmic scale; left is better'),
    ...rows.flatMap(({ name, title }, row) => rowOf(row, name, title, width)),
    ...panels.flatMap(([workload, title], column) => panelOf(results, workload, title, column, rows)),
    text(12, height - 12, 'quiet', `${machine.date}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="CPU time per request of isohost and others">
<style>
${style}
</style>
<rect class="paper" width="${width}" height="${height}"/>
${body.join('\n')}
</svg>
`;
}

const style = `text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.head { font-weight: 600; }
.quiet { fill: #59636e; }
.ours { font-weight: 600; }
.paper { fill: #ffffff; }
.stripe { fill: #f3f5f7; }
.line { stroke: #d1d9e0; }
.dot { fill: #818b98; }
.ours-dot { fill: #0969da; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .quiet { fill: #9198a1; }
  .paper { fill: #0d1117; }
  .stripe { fill: #161b22; }
  .line { stroke: #3d444d; }
  .dot { fill: #9198a1; }
  .ours-dot { fill: #4493f8; }
}`;

function rowOf(row: number, name: string, title: string, width: number): string[] {
  const top = headHeight + row * rowHeight;
  const stripe = row % 2 === 0 ? [`<rect class="stripe" y="${top}" width="${width}" height="${rowHeight}"/>`] : [];
  return [...stripe, text(12, middleOf(row) + 4, isOurs(name) ? 'ours' : '', title)];
}

function panelOf(
  results: Results,
  workload: WorkloadName,
  title: string,
  column: number,
  rows: readonly { readonly name: string }[],
): string[] {
  const left = namesWidth + column * panelWidth + panelPadding;
  const values = rows.map(({ name }) => results.median(workload, name, 'cpuMs'));
  const known = values.filter((value) => value !== undefined && value > 0) as number[];
  const head = text(left, headHeight - 10, 'head', title);
  const [low, high] = [Math.min(...known), Math.max(...known)].map(Math.log) as [number, number];
  const reach = panelWidth - 2 * panelPadding - numberWidth;
  const line = `<line class="line" x1="${left - panelPadding}" x2="${left - panelPadding}" y1="${headHeight - 24}" y2="${headHeight + rows.length * rowHeight}"/>`;
  const dots = values.flatMap((value, row) => {
    const y = middleOf(row);
    if (value === undefined || value <= 0) {
      const reason = results.reason(workload, rows[row]!.name);
      return reason === undefined ? [] : [text(left, y + 4, 'quiet', 'cannot')];
    }
    const x = left + (high === low ? 0 : ((Math.log(value) - low) / (high - low)) * reach);
    const dotClass = isOurs(rows[row]!.name) ? 'ours-dot' : 'dot';
    return [
      `<circle class="${dotClass}" cx="${x.toFixed(1)}" cy="${y}" r="${dotRadius}"/>`,
      text(Number((x + dotRadius + 4).toFixed(1)), y + 4, '', digits(value)),
    ];
  });
  return [line, head, ...dots];
}

function isOurs(name: string): boolean {
  return name.startsWith('isohost');
}

function middleOf(row: number): number {
  return headHeight + row * rowHeight + rowHeight / 2;
}

function text(x: number, y: number, className: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x}" y="${y}"${className === '' ? '' : ` class="${className}"`}>${escaped}</text>`;
}
