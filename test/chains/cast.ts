import { AWS_ACCOUNT, SUBSCRIPTION, type Person } from '../../local/demo/tenant.ts';

/** Where somebody calls from. */
export interface Place {
  readonly ip: string;
  readonly city: string;
  readonly country: string;
}

/** An application of Entra with its service principal, or a managed identity. */
export interface Workload {
  readonly name: string;
  /** Of the service principal. */
  readonly objectId: string;
  readonly appId: string;
  /** Of the application object. */
  readonly applicationObjectId: string;
  /** ARM id of the machine whose own identity it is. */
  readonly machine?: string | undefined;
}

/**
 * The invented people, workloads and things of one chain. Each chain has its own, so that chains can be played into one stream and must stay
 * apart; what a whole organization shares, they share: the tenant, the subscription and the AWS account.
 */
export class Cast {
  readonly #number: number;
  /** What their team runs: a word for names of things. */
  readonly system: string;
  /** Who is taken over. */
  readonly person: Person;
  /** Where the attacker comes from. */
  readonly attacker: Place;
  /** ARM id of an AKS cluster, in the case in which its audit log writes it. */
  readonly cluster: string;

  /** @param number of the chain, from 1 to 99 */
  constructor(number: number, name: string, system: string) {
    this.#number = number;
    this.system = system;
    this.person = this.colleague(name, 1);
    this.attacker = { ip: `198.51.100.${number + 100}`, city: 'Nowhere', country: 'ZZ' };
    this.cluster = this.armId(`Microsoft.ContainerService/managedClusters/aks-${system}`).toUpperCase();
  }

  /** Somebody else of the team; `which` from 2. */
  colleague(name: string, which: number): Person {
    return {
      name,
      upn: `${name.toLowerCase().replace(' ', '.')}@contoso.example`,
      objectId: this.#guid(which),
      ip: `203.0.113.${this.#number + 100}`,
      city: 'Gothenburg',
      country: 'SE',
    };
  }

  /** An application or managed identity; `which` from 0 to 9. */
  workload(name: string, which = 0, machine?: string): Workload {
    return {
      name,
      objectId: this.#guid(20 + which),
      appId: this.#guid(40 + which),
      applicationObjectId: this.#guid(60 + which),
      machine,
    };
  }

  /** Any other id of the chain; `which` from 0 to 19. */
  id(which: number): string {
    return this.#guid(80 + which);
  }

  /** The ARM id of something in the team's resource group. */
  armId(path: string): string {
    return `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-${this.system}/providers/${path}`;
  }

  /** An ARN of IAM in the one AWS account. */
  iamArn(path: string): string {
    return `arn:aws:iam::${AWS_ACCOUNT}:${path}`;
  }

  /** A unique id of IAM: the prefix and 17 letters and digits. */
  awsId(prefix: 'AIDA' | 'AROA' | 'AKIA' | 'ASIA', which = 1): string {
    const end = `${String(this.#number).padStart(2, '0')}${String(which).padStart(2, '0')}`;
    const length = prefix === 'AKIA' || prefix === 'ASIA' ? 20 : 21;
    return `${prefix}${'EXAMPLEEXAMPLEEXAMPLE'.slice(0, length - 8)}${end}`;
  }

  #guid(which: number): string {
    return `00000000-0000-4000-8000-0000cafe${String(this.#number).padStart(2, '0')}${String(which).padStart(2, '0')}`;
  }
}
