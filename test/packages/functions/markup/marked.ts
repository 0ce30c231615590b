import { marked, Marked } from 'marked';

const shouting = new Marked({ renderer: { strong: ({ text }) => `<b>${text.toUpperCase()}</b>` } });

export default function () {
  const table = '| a | b |\n|---|--:|\n| 1 | 2 |\n';
  return Response.json({
    html: marked.parse('# Tea\n\n- *green*\n- [black](https://example.com "leaf")\n'),
    table: marked.parse(table),
    shouted: shouting.parseInline('very **loud**'),
  });
}
