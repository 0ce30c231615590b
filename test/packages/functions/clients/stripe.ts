import Stripe from 'stripe';

export default async function (request: Request, env: { UPSTREAM: string }) {
  const { hostname, port } = new URL(env.UPSTREAM);
  const stripe = new Stripe('sk_test_x', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(),
  });
  const customer = await stripe.customers.create({ name: 'Ada', metadata: { plan: 'gold' } });
  const refused = await stripe.charges
    .create({ amount: 1, currency: 'eur' })
    .catch((error) => [error.type, error.code]);
  const webCrypto = Stripe.createSubtleCryptoProvider();
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'ping' });
  const header = await stripe.webhooks.generateTestHeaderStringAsync({
    payload,
    secret: 'whsec_x',
    cryptoProvider: webCrypto,
  });
  const event = await stripe.webhooks.constructEventAsync(payload, header, 'whsec_x', undefined, webCrypto);
  const forged = await stripe.webhooks
    .constructEventAsync(payload, header, 'whsec_other', undefined, webCrypto)
    .catch((error) => error.type);
  return Response.json({
    customer: [customer.id, customer.name, customer.metadata.plan],
    refused,
    event: event.type,
    forged,
  });
}
