import Mustache from 'mustache';

export default function () {
  const view = {
    people: [{ name: 'ada' }, { name: '<alan>' }],
    loud: () => (text: string, render: (text: string) => string) => render(text).toUpperCase(),
  };
  return new Response(
    Mustache.render('{{#people}}{{> row}}{{/people}}{{^none}}{{#loud}}end{{/loud}}{{/none}}', view, {
      row: '<li>{{name}}</li>',
    }),
  );
}
