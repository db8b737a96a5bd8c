// A customer's script over the client that openapi-typescript and openapi-fetch make of docs/openapi.json. The compiler
// holds it to the document, the run holds the document to the portal. Environment: PORTAL, KEY.
import createClient from 'openapi-fetch';
import type { components, paths } from './portal-api.js';

const { PORTAL, KEY } = process.env;
const portal = createClient<paths>({ baseUrl: PORTAL!, headers: { Authorization: `Bearer ${KEY}` } });

type Answer<T> = { data?: T; error?: components['schemas']['Problem']; response: Response };

/** The body, or the problem's code and sentence as an exception. */
function must<T>({ data, error, response }: Answer<T>): T {
  if (error) throw new Error(`${response.url}: ${error.status} ${error.code}: ${error.detail}`);
  return data as T;
}

async function ready<T extends { state: components['schemas']['Topic']['state'] }>(get: () => Promise<Answer<T>>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = must(await get());
    if (found.state === 'ready') return found;
    if (found.state === 'failed') throw new Error(JSON.stringify(found));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It never became ready.');
}

const org = 'generated';
must(await portal.POST('/api/v1/organizations', { body: { name: 'Generated', slug: org }, params: { header: { 'Idempotency-Key': 'organization-1' } } }));
must(await portal.POST('/api/v1/organizations/{org}/tenants', { params: { path: { org } }, body: { name: 'shop' } }));
await ready(() => portal.GET('/api/v1/organizations/{org}/tenants/{tenant}', { params: { path: { org, tenant: 'shop' } } }));

const inNamespace = { org, tenant: 'shop', namespace: 'default' };
await ready(() => portal.GET('/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}', { params: { path: inNamespace } }));
must(await portal.POST('/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics', { params: { path: inNamespace }, body: { name: 'orders', partitions: 2 } }));
const inTopic = { ...inNamespace, topic: 'orders' };
const topic = await ready(() => portal.GET('/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}', { params: { path: inTopic } }));

const key = must(await portal.POST('/api/v1/organizations/{org}/keys', {
  params: { path: { org } }, body: { name: 'app', tenant: 'shop', namespace: 'default', topics: ['orders'], permissions: ['produce', 'consume'] },
}));
for (const name of ['billing', 'shipping']) {
  must(await portal.POST('/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/subscriptions', {
    params: { path: inTopic }, body: { name, position: 'earliest' },
  }));
}
const messages = '/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/messages';
const sent = must(await portal.POST(messages, { params: { path: inTopic }, body: { payload: 'hello', key: 'k', properties: { a: 'b' } } }));
const read = must(await portal.GET(messages, { params: { path: inTopic, query: { from: 'earliest', limit: 10 } } }));

// Every list is walked alike.
const subscriptions: string[] = [];
for (let after: string | undefined; ;) {
  const page = must(await portal.GET('/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/subscriptions', {
    params: { path: inTopic, query: { limit: 1, after } },
  }));
  subscriptions.push(...page.items.map((one) => one.name));
  if (page.next === null) break;
  after = page.next;
}

let usage: components['schemas']['Usage'];
let written: components['schemas']['UsageItem'] | undefined;
for (let tries = 0; ; tries++) {
  usage = must(await portal.GET('/api/v1/organizations/{org}/usage', { params: { path: { org }, query: { groupBy: 'meter,topic', interval: 'total' } } }));
  written = usage.items.find((item) => item.meter === 'write' && item.topic === 'orders');
  if (written && written.quantity > 0) break;
  if (tries > 300) throw new Error(`Nothing was metered: ${JSON.stringify(usage)}`);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

// A problem is typed too.
const { error } = await portal.POST('/api/v1/organizations', { body: { name: 'Again', slug: org } });

console.log(`RESULT=${JSON.stringify({
  partitions: topic.partitions, key: key.state, token: key.token.length > 0, sent: sent.messageId.length > 0, payload: read.items[0]?.payload, subscriptions,
  unit: written.unit, code: error?.code, field: error?.field,
})}`);
