import MarkdownIt from 'markdown-it';

export default function () {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: true });
  return Response.json({
    html: md.render('## Hi\n\n<script>x</script> "quoted" -- https://example.com\n\n    code'),
    tokens: md.parse('*a*', {}).map(({ type }) => type),
  });
}
