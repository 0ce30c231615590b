import { minimatch } from 'minimatch';
import mime from 'mime';
import picomatch from 'picomatch';
import qs from 'qs';
import semver from 'semver';
import slugify from 'slugify';

export default function () {
  return Response.json({
    mime: [mime.getType('a/b.woff2'), mime.getExtension('text/markdown')],
    qs: [qs.parse('a[b][]=1&a[b][]=2&c=%E2%9C%93'), qs.stringify({ a: [1, { b: 'x y' }] }, { encodeValuesOnly: true })],
    semver: [
      semver.satisfies('1.2.9', '^1.2.3'),
      semver.inc('1.2.3', 'minor'),
      semver.valid('nope'),
      semver.maxSatisfying(['1.0.0', '1.9.1', '2.0.0'], '1.x'),
    ],
    slug: slugify('Crème brûlée & Tee!', { lower: true, strict: true }),
    minimatch: [minimatch('src/a/b.ts', 'src/**/*.{ts,js}'), minimatch('src/a.css', 'src/**/*.ts')],
    picomatch: [picomatch('*.md')('readme.md'), picomatch(['!a', '**'])('b/c')],
  });
}
