/**
 * Puts the figures of a run where users look: results.json and chart.svg of this folder, and the section between `<!-- bench -->` and
 * `<!-- /bench -->` of README.
 *
 *     npm run bench:publish
 *     npm run bench:publish -- some/results.json
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { toSvg } from './report/chart.ts';
import { toMarkdown } from './report/markdown.ts';
import { Results } from './results.ts';
import { readmeFile, readReadme, sectionOf } from '../support/readme.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const [from = resolve(folder, '.tmp/results.json')] = process.argv.slice(2);

const results = await Results.read(from);
await results.write(resolve(folder, 'results.json'));
await writeFile(resolve(folder, 'chart.svg'), toSvg(results));
const readme = readReadme();
sectionOf(readme, 'bench');
const section = `<!-- bench -->

![CPU time per request of isohost and others](test/bench/chart.svg)

${toMarkdown(results)}

<!-- /bench -->`;
await writeFile(
  readmeFile,
  readme.replace(/<!-- bench -->[\s\S]*<!-- \/bench -->/, () => section),
);
process.stdout.write(
  `${(await readFile(resolve(folder, 'chart.svg'))).length} bytes of chart, and the tables, are in place\n`,
);
