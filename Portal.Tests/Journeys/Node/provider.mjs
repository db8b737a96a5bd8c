// The certified provider for Node.js as a company's sign-in. Environment: PORT, REDIRECT_URIS (separated by spaces).
// Whoever types a name signs in: it is the subject, and the address when it has an @. 'unverified…' has none verified.
import Provider from 'oidc-provider';

const issuer = `http://localhost:${process.env.PORT}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'portal', client_secret: 'a-secret-of-the-provider', token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: process.env.REDIRECT_URIS.split(' '), grant_types: ['authorization_code'], response_types: ['code'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: id.includes('@') ? id : undefined, email_verified: !id.startsWith('unverified') }),
  }),
});
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(process.env.PORT), 'localhost', () => console.log(`ISSUER=${issuer}`));
