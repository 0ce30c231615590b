import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

export default function () {
  const { document } = parseHTML(
    '<html><body><h2>Tea</h2><p>is <em>hot</em> <a href="https://example.com">there</a></p></body></html>',
  );
  return new Response(new TurndownService({ headingStyle: 'atx' }).turndown(document.body));
}
