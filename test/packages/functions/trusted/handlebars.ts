import Handlebars from 'handlebars';

Handlebars.registerHelper('loud', (text: string) => text.toUpperCase());
Handlebars.registerPartial('row', '<li>{{loud name}}</li>');

export default function () {
  const template = Handlebars.compile('{{#each people}}{{> row}}{{else}}nobody{{/each}} {{{raw}}} {{escaped}}');
  return new Response(template({ people: [{ name: 'ada' }, { name: 'alan' }], raw: '<b>', escaped: '<b>' }));
}
