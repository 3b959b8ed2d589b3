/** The invented company of the demo: who works there, from where, and what they run. */

export interface Person {
  readonly name: string;
  readonly upn: string;
  readonly objectId: string;
  readonly ip: string;
  readonly city: string;
  readonly country: string;
}

export const TENANT = '00000000-0000-4000-8000-00000000c0de';
export const SUBSCRIPTION = '00000000-0000-4000-8000-0000000005ab';
/** Where images come from. */
export const REGISTRY = 'contoso.azurecr.example';
export const AWS_ACCOUNT = '111122223333';
export const CLUSTER =
  `/SUBSCRIPTIONS/${SUBSCRIPTION}/RESOURCEGROUPS/RG-SHOP/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP`.toUpperCase();
/** Everybody in the office leaves through this address. */
export const OFFICE = '203.0.113.10';

const person = (name: string, number: number, ip: string, city: string, country: string): Person => ({
  name,
  upn: `${name.split(' ')[0]?.toLowerCase() ?? ''}@contoso.example`,
  objectId: `00000000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`,
  ip,
  city,
  country,
});

/** The developer whose account is taken over. */
export const VICTIM = person('Mara Lindqvist', 1, OFFICE, 'Gothenburg', 'SE');

export const STAFF: readonly [Person, ...Person[]] = [
  VICTIM,
  person('Jonas Ferrand', 2, OFFICE, 'Gothenburg', 'SE'),
  person('Ayumi Castellan', 3, OFFICE, 'Gothenburg', 'SE'),
  person('Tobias Wren', 4, '203.0.113.44', 'Aarhus', 'DK'),
  person('Ines Okafor', 5, '203.0.113.91', 'Lisbon', 'PT'),
];

/** The pipeline that deploys to Azure and AWS by itself. */
export const PIPELINE = { name: 'deploy-shop', objectId: '00000000-0000-4000-8000-0000000000d0', ip: '203.0.113.200' };

/** Where the attacker comes from. */
export const ATTACKER = { ip: '198.51.100.23', city: 'Nowhere', country: 'ZZ' };
