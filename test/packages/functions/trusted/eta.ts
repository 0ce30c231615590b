import { Eta } from 'eta/core';

export default function () {
  const eta = new Eta();
  eta.loadTemplate('@row', '<li><%= it.name %></li>');
  return new Response(
    eta.renderString('<% it.names.forEach((name) => { %><%~ include("@row", { name }) %><% }) %>', {
      names: ['a', '<b>'],
    }),
  );
}
