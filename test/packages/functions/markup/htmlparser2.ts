import { getElementsByTagName, textContent } from 'domutils';
import { parseDocument, Parser } from 'htmlparser2';

export default function () {
  const links: string[] = [];
  const parser = new Parser({ onopentag: (name, { href }) => void (name === 'a' && links.push(href ?? '')) });
  parser.write('<a href="/one">1</a><A hr');
  parser.end('ef="/two?a&amp;b">2</A>');
  return Response.json({
    links,
    text: getElementsByTagName('p', parseDocument('<div><p>a</p><p>b &gt; c</p></div>')).map(textContent),
  });
}
