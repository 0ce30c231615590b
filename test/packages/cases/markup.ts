import type { PackageCase } from '../package-case.ts';

/** Markdown, HTML and highlighting. */
export const markupCases: Readonly<Record<string, PackageCase>> = {
  marked: {
    packages: ['marked'],
    calls: [
      {
        answer: {
          html: '<h1>Tea</h1>\n<ul>\n<li><em>green</em></li>\n<li><a href="https://example.com" title="leaf">black</a></li>\n</ul>\n',
          table:
            '<table>\n<thead>\n<tr>\n<th>a</th>\n<th align="right">b</th>\n</tr>\n</thead>\n<tbody><tr>\n<td>1</td>\n<td align="right">2</td>\n</tr>\n</tbody></table>\n',
          shouted: 'very <b>LOUD</b>',
        },
      },
    ],
  },
  'markdown-it': {
    packages: ['markdown-it'],
    calls: [
      {
        answer: {
          html: '<h2>Hi</h2>\n<p>&lt;script&gt;x&lt;/script&gt; “quoted” – <a href="https://example.com">https://example.com</a></p>\n<pre><code>code\n</code></pre>\n',
          tokens: ['paragraph_open', 'inline', 'paragraph_close'],
        },
      },
    ],
  },
  remark: {
    packages: ['unified', 'remark-parse', 'remark-gfm', 'remark-rehype', 'rehype-stringify'],
    calls: [
      {
        answer:
          '<h1>Plan</h1>\n<ul class="contains-task-list">\n<li class="task-list-item"><input type="checkbox" checked disabled> <del>done</del></li>\n<li class="task-list-item"><input type="checkbox" disabled> <code>open</code></li>\n</ul>',
      },
    ],
  },
  turndown: {
    packages: ['turndown', 'linkedom'],
    calls: [{ answer: '## Tea\n\nis _hot_ [there](https://example.com)' }],
  },
  cheerio: {
    packages: ['cheerio'],
    calls: [
      {
        answer: {
          html: '<ul id="fruits"><li class="apple red">Red &amp; ripe</li><li class="pear">Pear</li><li>Plum</li></ul>',
          extracted: { names: ['Red & ripe', 'Pear', 'Plum'], first: 'apple red' },
        },
      },
    ],
  },
  htmlparser2: {
    packages: ['htmlparser2'],
    calls: [{ answer: { links: ['/one', '/two?a&b'], text: ['a', 'b > c'] } }],
  },
  parse5: {
    packages: ['parse5'],
    calls: [
      {
        answer: {
          html: '<!DOCTYPE html><html><head><title>x</title></head><body><p>one</p><p>two</p><table><tbody><tr><td>cell</td></tr></tbody></table></body></html>',
          children: 2,
        },
      },
    ],
  },
  linkedom: {
    packages: ['linkedom'],
    calls: [{ answer: { html: '<li class="new">a &lt; b</li><form><input name="a"></form>', title: 'One' } }],
  },
  'sanitize-html': {
    packages: ['sanitize-html'],
    calls: [{ answer: '<p>Hi <a title="t">a</a> <b>bold</b></p>' }],
  },
  'highlight-js': {
    packages: ['highlight.js'],
    calls: [
      {
        answer:
          '<span class="hljs-keyword">const</span> x = <span class="hljs-string">&quot;a&quot;</span> <span class="hljs-comment">// b</span>',
      },
    ],
  },
  shiki: {
    packages: ['shiki'],
    calls: [
      {
        answer:
          '<pre class="shiki nord" style="background-color:#2e3440ff;color:#d8dee9ff" tabindex="0"><code><span class="line"><span style="color:#81A1C1">const</span><span style="color:#D8DEE9"> x</span><span style="color:#81A1C1"> =</span><span style="color:#B48EAD"> 1</span></span></code></pre>',
      },
    ],
  },
  katex: {
    packages: ['katex'],
    calls: [
      {
        answer:
          '<span class="katex"><math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>c</mi><mo>=</mo><msqrt><mrow><msup><mi>a</mi><mn>2</mn></msup><mo>+</mo><msup><mi>b</mi><mn>2</mn></msup></mrow></msqrt></mrow><annotation encoding="application/x-tex">c = \\sqrt{a^2 + b^2}</annotation></semantics></math></span>',
      },
    ],
  },
};
