import ejs from 'ejs';

export default async function () {
  const text = '<% for (const name of names) { %><li><%= name %></li><% } %><%- await later() %>';
  return new Response(await ejs.render(text, { names: ['a', '<b>'], later: async () => '<i>' }, { async: true }));
}
