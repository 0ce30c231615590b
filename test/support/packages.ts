import { readFileSync } from 'node:fs';
import { packageKinds, refusedPackages } from '../packages/cases/index.ts';

const { dependencies } = JSON.parse(readFileSync(new URL('../packages/package.json', import.meta.url), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
};

const versioned = (name: string): string => `${name} ${dependencies[name]}`;

/** The tables of packages as README must have them. */
export function packageTables(): string {
  const works = Object.values(packageKinds).map(({ title, cases }) => {
    const names = new Map<string, boolean>();
    for (const { packages, trust } of Object.values(cases)) {
      for (const name of packages) if (!names.has(name)) names.set(name, trust === 'trusted');
    }
    const shown = [...names].map(([name, isTrusted]) => versioned(name) + (isTrusted ? '*' : ''));
    return `| ${title} | ${shown.join(', ')} |`;
  });
  const refused = Object.entries(refusedPackages).map(([name, reason]) => `| ${versioned(name)} | ${reason} |`);
  return [
    ['| | works |', '|---|---|', ...works].join('\n'),
    ['| does not work | |', '|---|---|', ...refused].join('\n'),
  ].join('\n\n');
}
