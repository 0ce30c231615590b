import sanitize from 'sanitize-html';

export default function () {
  const dirty =
    '<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x" title="t">a</a> <b>bold</b><img src=x onerror=y></p>';
  return new Response(sanitize(dirty, { allowedTags: ['p', 'a', 'b'], allowedAttributes: { a: ['href', 'title'] } }));
}
