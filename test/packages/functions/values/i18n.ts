import i18next from 'i18next';
import { IntlMessageFormat } from 'intl-messageformat';

export default async function () {
  const i18n = i18next.createInstance();
  await i18n.init({
    lng: 'de',
    fallbackLng: 'en',
    resources: {
      de: { translation: { cart_one: '{{count}} Artikel', cart_other: '{{count}} Artikel im Korb' } },
      en: { translation: { bye: 'Goodbye {{name}}' } },
    },
  });
  const photos = new IntlMessageFormat(
    '{n, plural, =0 {no photos} one {one photo} other {# photos}} since {d, date, long}',
    'en-GB',
    undefined,
  );
  return Response.json({
    many: i18n.t('cart', { count: 3 }),
    fallback: i18n.t('bye', { name: '<Ada>' }),
    message: photos.format({ n: 1234, d: new Date(Date.UTC(2026, 0, 5, 12)) }),
  });
}
