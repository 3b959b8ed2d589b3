import type { Cloud } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Where an event was recorded: an account and a region. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  readonly cloud: Cloud;
}

const regions = new BoundedCache((region) => new BoundedCache((account) => placeOf(account, region), 256), 64);

/** @param account twelve digits, or empty where the record names none; @param region such as `us-east-1`, or empty */
export const place = (account: string, region: string): Place => regions.get(region).get(account);

function placeOf(account: string, region: string): Place {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return {
    account,
    region,
    partition,
    cloud: {
      provider: 'AWS',
      cloud_partition: partition,
      region: region === '' ? undefined : region,
      account: account === '' ? undefined : { uid: account, type: 'AWS Account', type_id: 10 },
    },
  };
}
