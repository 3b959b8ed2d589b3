import { describe, expect, it } from 'vitest';
import { clustersSection } from './clusters.ts';

const ID =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks-shop';

describe('response.clusters', () => {
  it('names clusters in the case of keys', () => {
    expect(clustersSection.parse([{ id: ID, server: 'https://aks.contoso.example:443/' }])).toEqual([
      { id: ID.toLowerCase(), server: 'https://aks.contoso.example:443' },
    ]);
    expect(clustersSection.parse(undefined)).toEqual([]);
  });

  it.each([
    ['an id of something else', [{ id: ID.replace('managedClusters', 'vaults') }]],
    ['a server in plain HTTP', [{ id: ID, server: 'http://aks.contoso.example' }]],
    ['a path that depends on the folder', [{ id: ID, certificateAuthority: 'ca.pem' }]],
    ['a token in place of a name', [{ id: ID, tokenVariable: 'ey.not.a.name' }]],
    ['the same cluster twice', [{ id: ID }, { id: ID.toUpperCase() }]],
    ['a name that is none of its own', [{ id: ID, token: 'x' }]],
  ])('refuses %s', (_, clusters) => {
    expect(clustersSection.safeParse(clusters).success).toBe(false);
  });
});
