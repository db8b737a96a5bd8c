// The certified client for Node.js as a customer's tool. Environment: ISSUER, CLIENT_ID, CLIENT_SECRET (or none), PORT.
// Prints where a browser has to go, then what it got: authorization code with PKCE, refresh, userinfo, the API.
import { createServer } from 'node:http';
import * as client from 'openid-client';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const redirectUri = `http://localhost:${PORT}/callback`;
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute: [client.allowInsecureRequests] });

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const start = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri, scope: 'openid email offline_access portal.read', state, nonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
});

async function finish(address) {
  const tokens = await client.authorizationCodeGrant(config, address, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  const person = await client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub);
  const organizations = await client.fetchProtectedResource(config, refreshed.access_token, new URL('/api/v1/organizations', ISSUER), 'GET');
  const again = await client.refreshTokenGrant(config, tokens.refresh_token).then(() => 'taken', (error) => error.error);
  return { email: person.email, sub: tokens.claims().sub, rotated: refreshed.refresh_token !== tokens.refresh_token, organizations: organizations.status, again };
}

createServer(async (request, response) => {
  if (!request.url.startsWith('/callback')) return void response.writeHead(404).end();
  try {
    console.log(`RESULT=${JSON.stringify(await finish(new URL(request.url, redirectUri)))}`);
    response.end('Signed in to the tool');
  } catch (error) {
    console.log(`RESULT=${JSON.stringify({ error: error.error ?? error.message })}`);
    response.end('Not signed in to the tool');
  }
}).listen(Number(PORT), 'localhost', () => console.log(`START=${start.href}`));
