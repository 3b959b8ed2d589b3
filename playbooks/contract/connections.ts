import type { AzureConnection } from '../../platform/azure/connection.ts';
import type { RequestRates } from '../../platform/azure/request-rates.ts';
import type { ResponseSettings } from '../../platform/configuration/response.ts';

/** How actions reach services; each cloud's folder makes its clients of it. */
export interface Connections {
  /** Azure Resource Manager and Microsoft Graph; made when it is first asked for. */
  readonly azure: () => Promise<AzureConnection>;
  /** How many requests services take, shared by all work of the process. */
  readonly rates: RequestRates;
  /** The configuration's `response`. */
  readonly settings: ResponseSettings;
  /** A secret by the name of the environment variable that holds it, as the configuration names it; undefined where it is not set. Never logged. */
  readonly secret: (name: string) => string | undefined;
}
