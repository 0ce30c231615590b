import pug from 'pug';

export default function () {
  const render = pug.compile('ul\n  each name in names\n    li(class="n")= name\n  else\n    li nobody');
  return new Response(render({ names: ['a', '<b>'] }));
}
