import { DOMParser, parseHTML } from 'linkedom';

export default function () {
  const { document } = parseHTML('<html><body><form><input name="a"></form></body></html>');
  const item = document.createElement('li');
  item.textContent = 'a < b';
  item.classList.add('new');
  document.querySelector('form')!.before(item);
  const feed = new DOMParser().parseFromString('<rss><item><title>One</title></item></rss>', 'text/xml');
  return Response.json({ html: document.body.innerHTML, title: feed.querySelector('title')?.textContent });
}
