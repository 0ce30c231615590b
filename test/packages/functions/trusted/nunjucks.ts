import nunjucks from 'nunjucks';

export default function () {
  const environment = new nunjucks.Environment(null, { autoescape: true });
  const text = '{% macro row(n) %}<li>{{ n }}</li>{% endmacro %}{% for n in names | sort %}{{ row(n) }}{% endfor %}';
  return new Response(environment.renderString(text, { names: ['b', '<a>'] }));
}
