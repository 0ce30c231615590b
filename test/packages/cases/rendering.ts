import type { PackageCase } from '../package-case.ts';

/** Rendering and templates. */
export const renderingCases: Readonly<Record<string, PackageCase>> = {
  react: {
    packages: ['react', 'react-dom'],
    calls: [
      {
        answer: {
          interactive:
            '<p class="dark" id="_R_0_" style="margin-top:4px">7<!-- --> squared is <!-- -->49<!-- --> <!-- -->&lt;&amp;&gt;</p>',
          still: '<p class="dark" id="_R_0_" style="margin-top:4px">7 squared is 49 &lt;&amp;&gt;</p>',
        },
      },
      { path: '/stream', answer: /^<main>.*<i>wait<\/i>.*<b>here at last<\/b>/s },
    ],
  },
  preact: {
    packages: ['preact', 'preact-render-to-string'],
    calls: [
      { answer: { now: '<h1 class="hello">Hello Ada! &lt;&amp;></h1>', late: '<!--$s--><b>late</b><!--/$s-->' } },
    ],
  },
  vue: {
    packages: ['vue'],
    calls: [
      { answer: '<ul class="list long"><li>a</li><li>&lt;b&gt;</li></ul>' },
      { path: '/stream', answer: '<ul class="list long"><li>a</li><li>&lt;b&gt;</li></ul>' },
    ],
  },
  svelte: {
    packages: ['svelte'],
    calls: [
      {
        answer: {
          body: '<!--[--><ul><!--[--><li>a</li><li>&lt;b></li><!--]--></ul><!--]-->',
          head: '<!--70xycz--><!----><title>2 names</title>',
        },
      },
    ],
  },
  mustache: {
    packages: ['mustache'],
    calls: [{ answer: '<li>ada</li><li>&lt;alan&gt;</li>END' }],
  },
  handlebars: {
    packages: ['handlebars'],
    trust: 'trusted',
    calls: [{ answer: '<li>ADA</li><li>ALAN</li> <b> &lt;b&gt;' }],
  },
  ejs: {
    packages: ['ejs'],
    trust: 'trusted',
    calls: [{ answer: '<li>a</li><li>&lt;b&gt;</li><i>' }],
  },
  eta: {
    packages: ['eta'],
    trust: 'trusted',
    calls: [{ answer: '<li>a</li><li>&lt;b&gt;</li>' }],
  },
  nunjucks: {
    packages: ['nunjucks'],
    trust: 'trusted',
    calls: [{ answer: '<li>&lt;a&gt;</li><li>b</li>' }],
  },
  pug: {
    packages: ['pug'],
    trust: 'trusted',
    calls: [{ answer: '<ul><li class="n">a</li><li class="n">&lt;b&gt;</li></ul>' }],
  },
  'lodash-template': {
    packages: ['lodash'],
    trust: 'trusted',
    calls: [{ answer: '<li>a</li><li>&lt;b&gt;</li>' }],
  },
};
