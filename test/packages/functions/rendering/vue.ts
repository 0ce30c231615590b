import { renderToString, renderToWebStream } from 'vue/server-renderer';
import { computed, createSSRApp, defineComponent, h, ref } from 'vue';

const List = defineComponent({
  props: { items: { type: Array<string>, required: true } },
  async setup(props) {
    const count = ref(0);
    const doubled = computed(() => count.value * 2);
    count.value = await Promise.resolve(props.items.length);
    return () =>
      h(
        'ul',
        { class: ['list', { long: doubled.value > 3 }] },
        props.items.map((item) => h('li', item)),
      );
  },
});

export default async function (request: Request) {
  const app = createSSRApp({ render: () => h(List, { items: ['a', '<b>'] }) });
  if (request.url.endsWith('/stream')) return new Response(renderToWebStream(app));
  return new Response(await renderToString(app));
}
