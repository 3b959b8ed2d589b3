import { z } from 'zod';

/** Addresses of the services of an Azure cloud, without a slash at the end. */
export interface AzureEndpoints {
  /** Azure Resource Manager. */
  readonly arm: string;
  /** Where tokens are had. */
  readonly login: string;
  /** Microsoft Graph. */
  readonly graph: string;
  /** Queries of Log Analytics. */
  readonly logs: string;
}

/** https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and https://learn.microsoft.com/azure/china/resources-developer-guide */
const CLOUDS = {
  public: {
    arm: 'https://management.azure.com',
    login: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    logs: 'https://api.loganalytics.io',
  },
  'us-government': {
    arm: 'https://management.usgovcloudapi.net',
    login: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    logs: 'https://api.loganalytics.us',
  },
  china: {
    arm: 'https://management.chinacloudapi.cn',
    login: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    logs: 'https://api.loganalytics.azure.cn',
  },
} as const satisfies Readonly<Record<string, AzureEndpoints>>;

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

/** Whether nothing that is sent there leaves the machine, and so it need not be encrypted. */
export const isLoopback = (endpoint: string): boolean => LOOPBACK.test(endpoint);

/** An address of a service: https, or on this machine also http. */
export const endpoint = z
  .string()
  .max(512)
  .transform((text) => text.replace(/\/{1,4}$/, ''))
  .refine(
    (text) => isLoopback(text) || /^https:\/\/[^/?#\s@]+(?:\/[^?#\s]*)?$/.test(text),
    'expected an address such as https://management.azure.com; http only on this machine, such as http://127.0.0.1:8080',
  );

/** The configuration's `azure`: which Azure cloud, and addresses of its services where they are others. */
export const azureSection = z
  .strictObject({
    cloud: z.enum(['public', 'us-government', 'china']).default('public'),
    endpoints: z
      .strictObject({
        arm: endpoint.optional(),
        login: endpoint.optional(),
        graph: endpoint.optional(),
        logs: endpoint.optional(),
      })
      .prefault({}),
  })
  .prefault({});

/** The addresses that the configuration means. */
export function azureEndpoints({ cloud, endpoints }: z.infer<typeof azureSection>): AzureEndpoints {
  const { arm, login, graph, logs } = CLOUDS[cloud];
  return {
    arm: endpoints.arm ?? arm,
    login: endpoints.login ?? login,
    graph: endpoints.graph ?? graph,
    logs: endpoints.logs ?? logs,
  };
}
