import { AWS_ACCOUNT, OFFICE, PIPELINE, STAFF, SUBSCRIPTION, type Person } from '../../local/demo/tenant.ts';

/** The demo's company on an ordinary day: everybody who works there, and everything that works by itself. */

/** Where a sign-in comes from. */
export interface Place {
  readonly ip: string;
  readonly city: string;
  readonly country: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** The company's VPN: most people leave through it, wherever they are. */
export const VPN: Place = { ip: '203.0.113.5', city: 'Stockholm', country: 'SE', latitude: 59.33, longitude: 18.07 };

const HOMES: readonly Omit<Place, 'ip'>[] = [
  { city: 'Gothenburg', country: 'SE', latitude: 57.71, longitude: 11.97 },
  { city: 'Malmo', country: 'SE', latitude: 55.6, longitude: 13.0 },
  { city: 'Aarhus', country: 'DK', latitude: 56.16, longitude: 10.2 },
  { city: 'Lisbon', country: 'PT', latitude: 38.72, longitude: -9.14 },
];

const NEWCOMERS =
  'Alva Brink,Bosse Hallgren,Carin Modig,Dusan Petrak,Elif Aydemir,Fredrik Nyman,Greta Solberg,Hanif Rahimi,Isa Torvald,Jelena Maric,' +
  'Karim Bennis,Lotta Ekman,Milan Havel,Nora Vestergaard,Olof Sandell,Petra Kovac,Quentin Duval,Rania Haddad,Sixten Berg,Tuva Lindholm,' +
  'Ulla Friberg,Viktor Zelenka,Wilma Storm,Xavi Puig,Ylva Rask,Zoltan Balint,Astrid Moe,Benno Kranz,Cleo Marchetti,Didrik Aas,' +
  'Ebba Holm,Filip Novy,Gunnel Ost,Harald Vik,Ingrid Falk';

/** Where the others sit together. */
export const OFFICE_PLACE: Place = { ip: OFFICE, city: 'Gothenburg', country: 'SE', latitude: 57.71, longitude: 11.97 };

/** A GUID that is plainly invented. */
export const guid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** Everybody; the demo's five first. All leave through the office or the VPN unless they work from home. */
export const PEOPLE: readonly Person[] = [
  ...STAFF,
  ...NEWCOMERS.split(',').map((name, at) => ({
    name,
    upn: `${name.split(' ', 1)[0]?.toLowerCase() ?? ''}@contoso.example`,
    objectId: guid(0x100 + at),
    ip: at % 3 === 0 ? OFFICE : VPN.ip,
    city: HOMES[at % HOMES.length]?.city ?? '',
    country: HOMES[at % HOMES.length]?.country ?? '',
  })),
];

/** The person of a first name. */
export function person(firstName: string): Person {
  const found = PEOPLE.find(({ name }) => name.startsWith(`${firstName} `));
  if (found === undefined) throw new Error(`nobody is called ${firstName}`);
  return found;
}

/** Where a person is when they don't use the VPN; each home has an address of its own. */
export function homeOf(who: Person): Place {
  const at = PEOPLE.indexOf(who);
  const home = HOMES.find(({ city }) => city === who.city) ?? { ...VPN };
  return { ...home, ip: `198.51.100.${100 + at}` };
}

/** A service principal of Entra: an application, or a managed identity, which has a resource of Azure behind it. */
export interface Workload {
  readonly name: string;
  readonly objectId: string;
  readonly appId: string;
  readonly ip: string;
  /** ARM id of a managed identity. */
  readonly resource?: string;
}

const workload = (name: string, number: number, ip: string, resource?: string): Workload => ({
  name,
  objectId: guid(0xd00 + number),
  appId: guid(0xa00 + number),
  ip,
  ...(resource === undefined ? {} : { resource }),
});

const identityOf = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

/** Deploys the shop from GitHub to Azure, the cluster and AWS: the demo's pipeline. */
export const DEPLOY: Workload = { ...workload('deploy-shop', 1, PIPELINE.ip), objectId: PIPELINE.objectId };
/** Terraform from GitHub: everything that the shop runs on. */
export const TERRAFORM = workload('terraform-platform', 2, '203.0.113.201');
/** Terraform too, for subscriptions themselves: who owns them, what policies hold. */
export const LANDING_ZONE = workload('terraform-landing-zone', 3, '203.0.113.202');
/** A product that reads metrics and inventory with a secret of its own. */
export const MONITORING = workload('observe-reader', 4, '198.51.100.40');
/** Azure Backup reads disks and clears restore points. */
export const BACKUP = workload('backup-vault', 5, '203.0.113.210', identityOf('backup-vault'));
/** The cluster's own identity, by which its cloud provider makes load balancers and rules. */
export const CLUSTER_IDENTITY = workload('shop-cluster', 6, '203.0.113.220', identityOf('shop-cluster'));
/** Nodes fetch images with this one. */
export const KUBELET = workload('shop-agentpool', 7, '203.0.113.221', identityOf('shop-agentpool'));
/** Azure Automation starts and stops machines. */
export const AUTOMATION = workload('night-shift', 8, '203.0.113.222', identityOf('night-shift'));
/** Copies reports from Azure to AWS, without any secret: by its token of Entra. */
export const REPORTS = workload('report-export', 9, '203.0.113.223', identityOf('report-export'));

/** An IAM role and the session in which it is used, with the access key of that session. */
export interface RoleSession {
  readonly role: string;
  readonly session: string;
  readonly accessKey: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly created: number;
}

export const roleArn = (role: string): string => `arn:aws:iam::${AWS_ACCOUNT}:role/${role}`;
