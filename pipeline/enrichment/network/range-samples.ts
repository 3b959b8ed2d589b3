import type { Provider } from './provider-ranges.ts';

/** Ranges as clouds publish them, with addresses for documentation. */
export const publishedRanges: Readonly<Record<Provider, string>> = {
  aws: JSON.stringify({
    syncToken: '1793527200',
    createDate: '2026-11-01-10-00-00',
    prefixes: [
      { ip_prefix: '203.0.113.0/24', region: 'eu-central-1', service: 'AMAZON', network_border_group: 'eu-central-1' },
      { ip_prefix: '203.0.113.0/25', region: 'eu-central-1', service: 'AMAZON', network_border_group: 'eu-central-1' },
      { ip_prefix: '203.0.113.0/25', region: 'eu-central-1', service: 'EC2', network_border_group: 'eu-central-1' },
      { ip_prefix: '198.51.100.0/28', region: 'GLOBAL', service: 'CLOUDFRONT', network_border_group: 'GLOBAL' },
    ],
    ipv6_prefixes: [
      { ipv6_prefix: '2001:db8:1::/48', region: 'us-east-1', service: 'S3', network_border_group: 'us-east-1' },
    ],
  }),
  gcp: JSON.stringify({
    syncToken: '1793491200000',
    creationTime: '2026-11-01T00:00:00.000000',
    prefixes: [
      { ipv4Prefix: '198.51.100.0/24', service: 'Google Cloud', scope: 'europe-west3' },
      { ipv6Prefix: '2001:db8:2::/48', service: 'Google Cloud', scope: 'us-east1' },
    ],
  }),
  azure: JSON.stringify({
    changeNumber: 400,
    cloud: 'Public',
    values: [
      {
        name: 'AzureCloud.westeurope',
        id: 'AzureCloud.westeurope',
        properties: {
          changeNumber: 90,
          region: 'westeurope',
          regionId: 18,
          platform: 'Azure',
          systemService: '',
          addressPrefixes: ['192.0.2.0/24', '192.0.2.0/25', '2001:db8:3::/48'],
          networkFeatures: null,
        },
      },
      {
        name: 'Storage.WestEurope',
        id: 'Storage.WestEurope',
        properties: {
          changeNumber: 12,
          region: 'westeurope',
          regionId: 18,
          platform: 'Azure',
          systemService: 'AzureStorage',
          addressPrefixes: ['192.0.2.0/25'],
          networkFeatures: ['API', 'NSG'],
        },
      },
    ],
  }),
};
