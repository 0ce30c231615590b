import type { PackageCase } from '../package-case.ts';

/** Dates, numbers and text. */
export const valuesCases: Readonly<Record<string, PackageCase>> = {
  'date-fns': {
    packages: ['date-fns'],
    calls: [
      {
        answer: {
          formatted: 'Freitag, 27. Februar 2026',
          next: '2026-03-02T12:00:00.000Z',
          distance: 'in 2 days',
          days: 307,
          intl: '27 février',
        },
      },
    ],
  },
  dayjs: {
    packages: ['dayjs'],
    calls: [
      {
        answer: { tokyo: '2026-07-01 21:00 +09:00', german: 'Mittwoch, 1. Juli', relative: 'in 3 hours', duration: 90 },
      },
    ],
  },
  luxon: {
    packages: ['luxon'],
    calls: [
      {
        answer: {
          acrossDst: '2026-03-29T12:00:00.000+02:00',
          words: '28 mars 2026',
          length: 23,
          duration: { hours: 1, minutes: 30 },
        },
      },
    ],
  },
  moment: {
    packages: ['moment'],
    calls: [{ answer: { next: '2026-03-01', words: '28 de febrero', ago: 'in 2 days', valid: false } }],
  },
  numbers: {
    packages: ['big.js', 'bignumber.js', 'decimal.js', 'long', 'chroma-js'],
    calls: [
      {
        answer: {
          big: '0.9',
          bignumber: '1,267,650,600,228,229,401,496,703,205,376',
          decimal: '1.4142135623730950488',
          long: '-9223372036854775808',
          unsigned: '1844674407370955161',
          color: ['#ff69b4', ['#000000', '#808080', '#ffffff'], 21],
        },
      },
    ],
  },
  mathjs: {
    packages: ['mathjs'],
    calls: [
      {
        answer: {
          units: 5,
          matrix: [
            [0.6, -0.7],
            [-0.2, 0.4],
          ],
          complex: '2i',
          derivative: '2 * x + cos(x)',
          simplified: '5 * x',
          compiled: 48,
          big: '0.83333333333333',
        },
      },
    ],
  },
  i18n: {
    packages: ['i18next', 'intl-messageformat'],
    calls: [
      {
        answer: {
          many: '3 Artikel im Korb',
          fallback: 'Goodbye &lt;Ada&gt;',
          message: '1,234 photos since 5 January 2026',
        },
      },
    ],
  },
  text: {
    packages: ['mime', 'qs', 'semver', 'slugify', 'minimatch', 'picomatch'],
    calls: [
      {
        answer: {
          mime: ['font/woff2', 'md'],
          qs: [{ a: { b: ['1', '2'] }, c: '✓' }, 'a[0]=1&a[1][b]=x%20y'],
          semver: [true, '1.3.0', null, '1.9.1'],
          slug: 'creme-brulee-and-tee',
          minimatch: [true, false],
          picomatch: [true, true],
        },
      },
    ],
  },
};
