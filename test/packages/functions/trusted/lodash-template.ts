import template from 'lodash/template';

export default function () {
  return new Response(template('<% for (const n of names) { %><li><%- n %></li><% } %>')({ names: ['a', '<b>'] }));
}
