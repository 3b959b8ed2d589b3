import { describe, expect, it } from 'vitest';
import { gcpSection } from './gcp.ts';
import { githubSection } from './github.ts';

const AUDIENCE =
  '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/azure/providers/entra';
const FEDERATION = { audience: AUDIENCE, scope: 'api://crosstrail/.default' };

describe('response.gcp', () => {
  it('reaches Google itself unless told', () => {
    expect(gcpSection.parse(undefined).endpoints.iam).toBe('https://iam.googleapis.com');
    expect(gcpSection.parse({ federation: FEDERATION }).federation).toEqual(FEDERATION);
  });

  it.each([
    ['two ways to a token', { federation: FEDERATION, tokenVariable: 'GOOGLE_TOKEN' }],
    ['an audience at another host', { federation: { ...FEDERATION, audience: AUDIENCE.replace('iam.', 'evil.') } }],
    ['a service account that is none', { federation: { ...FEDERATION, serviceAccount: 'mia@contoso.example' } }],
    ['a token in place of a name', { tokenVariable: 'ya29.made-up' }],
    ['plain HTTP', { endpoints: { sts: 'http://sts.contoso.example' } }],
  ])('refuses %s', (_, settings) => {
    expect(gcpSection.safeParse(settings).success).toBe(false);
  });
});

describe('response.github', () => {
  it('reaches github.com unless told', () => {
    expect(githubSection.parse(undefined)).toEqual({ base: 'https://api.github.com' });
    const app = { clientId: 'Iv1.0123456789abcdef', keyVariable: 'KEY' };
    expect(githubSection.parse({ base: 'https://github.contoso.example/api/v3/', app })).toEqual({
      base: 'https://github.contoso.example/api/v3',
      app,
    });
  });

  it.each([
    ['a key in place of a name', { app: { clientId: 'Iv1.x', keyVariable: '-----BEGIN RSA PRIVATE KEY-----' } }],
    ['an app without its key', { app: { clientId: 'Iv1.x' } }],
  ])('refuses %s', (_, settings) => {
    expect(githubSection.safeParse(settings).success).toBe(false);
  });
});
