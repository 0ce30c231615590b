import type { PackageCase } from '../package-case.ts';

/** Formats of data. */
export const formatsCases: Readonly<Record<string, PackageCase>> = {
  'csv-parse': {
    packages: ['csv-parse'],
    calls: [
      {
        answer: {
          streamed: [
            { name: 'Lovelace, Ada', year: '1815' },
            { name: 'Tu"ring', year: '1912' },
          ],
          sync: [
            { name: 'Lovelace, Ada', year: 1815 },
            { name: 'Tu"ring', year: 1912 },
          ],
        },
      },
    ],
  },
  papaparse: {
    packages: ['papaparse'],
    calls: [
      {
        answer: {
          data: [
            { a: 1, b: 'x;y' },
            { a: 2, b: 'z' },
          ],
          delimiter: ';',
          errors: [],
          csv: 'a,b\r\n"x,y",\r\n"""",2',
        },
      },
    ],
  },
  yaml: {
    packages: ['yaml'],
    calls: [
      {
        answer: {
          parsed: { base: { x: 1 }, next: { x: 1, y: 'two\nlines\n' } },
          edited: '# top\na: 2 # one\nb: [ x, y ]\n',
          text: 'list:\n  - 1\n  - two: "a: b"\nnone: null\n',
          documents: 2,
          error: 'BAD_INDENT',
        },
      },
    ],
  },
  'toml-ini-json5': {
    packages: ['toml', 'ini', 'json5'],
    calls: [
      {
        answer: {
          toml: { title: 'x', owner: { born: '1979-05-27T07:32:00.000Z' }, fruit: [{ name: 'apple' }] },
          ini: { top: '1', a: { b: { list: ['x', 'y'] } } },
          backToIni: '[a]\nb=c\n',
          json5: { unquoted: 'yes', hex: 255, trailing: [1] },
          backToJson5: "{'a-b':1,c:Infinity}",
        },
      },
    ],
  },
  xml: {
    packages: ['fast-xml-parser', 'sax'],
    calls: [
      {
        answer: {
          parsed: {
            feed: {
              entry: [
                { '#text': 'One & two', '@_id': '1' },
                { '#text': '<b>', '@_id': '2' },
              ],
              '@_lang': 'en',
            },
          },
          built: '<a x="1"><b>y</b><b>z</b></a>',
          valid: true,
          mistake: 'InvalidTag',
          names: ['feed', 'entry', 'entry'],
        },
      },
    ],
  },
  compression: {
    packages: ['fflate', 'pako', 'jszip'],
    calls: [
      {
        answer: {
          fflate: true,
          files: ['a.txt', 'folder/', 'folder/b.txt'],
          pako: true,
          native: true,
          jszip: [['data/', 'data/more.json', 'hello.txt'], 'Hello'],
          crossed: '{"a":1}',
        },
      },
    ],
  },
  'msgpack-cbor': {
    packages: ['@msgpack/msgpack', 'msgpackr', 'cbor-x'],
    calls: [
      {
        answer: {
          msgpack: { text: 'grüß', list: [1, -2, 3.5, null, true], bytes: [1, 2, 3], nested: { big: 1099511627776 } },
          msgpackr: { text: 'grüß', list: [1, -2, 3.5, null, true], bytes: [1, 2, 3], nested: { big: 1099511627776 } },
          cbor: { text: 'grüß', list: [1, -2, 3.5, null, true], bytes: [1, 2, 3], nested: { big: 1099511627776 } },
          crossed: { a: [1, 'b'] },
          hex: '81a16101',
        },
      },
    ],
  },
  protobufjs: {
    packages: ['protobufjs'],
    trust: 'trusted',
    calls: [
      {
        answer: {
          hex: '08960112070a037465611002180122090a02746f12034164612a0109',
          decoded: { id: 150, items: [{ sku: 'tea', count: 2 }], kind: 'GIFT', notes: { to: 'Ada' }, raw: 'CQ==' },
          wrong: 'items.sku: string expected',
        },
      },
    ],
  },
  superjson: {
    packages: ['superjson'],
    calls: [{ answer: { at: 0, ids: ['1'], regex: '/x/gi', hasNone: true, error: 'no' } }],
  },
  'iconv-lite': {
    packages: ['iconv-lite'],
    calls: [
      {
        answer: {
          latin1: [103, 114, 252, 223],
          sjis: '日本',
          utf16: 'x😀',
          bom: 'a',
          cp437: 'ß',
          exists: [true, false],
        },
      },
    ],
  },
  'pdf-lib': {
    packages: ['pdf-lib'],
    calls: [{ answer: { title: 'Invoice', pages: 1, width: 75 } }],
  },
  qrcode: {
    packages: ['qrcode'],
    calls: [{ answer: { isSvg: true, version: 1, size: 21 } }],
  },
};
