import { render } from 'svelte/server';
import Page from './page.svelte.js';

export default async function () {
  const { body, head } = await render(Page, { props: { names: ['a', '<b>'] } });
  return Response.json({ body, head });
}
