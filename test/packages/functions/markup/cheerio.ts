import * as cheerio from 'cheerio';

export default function () {
  const $ = cheerio.load('<ul id="fruits"><li class="apple">Apple</li><li class="pear">Pear</li></ul>');
  $('#fruits').append('<li>Plum</li>').find('.apple').addClass('red').text('Red & ripe');
  const extracted = $.extract({ names: ['li'], first: { selector: 'li', value: 'class' } });
  return Response.json({ html: $('#fruits').prop('outerHTML'), extracted });
}
