/**
 * Where the storage account is, read from the environment as the Azure Functions host reads its own storage connection:
 * one connection string, or a group of settings for a connection by identity.
 * Source: learn.microsoft.com/azure/azure-functions/functions-reference, "Connecting to host storage with an identity".
 */

/** A storage account by connection string, or by its endpoints and an identity of Microsoft Entra. */
export type StorageSettings =
  | { readonly connectionString: string }
  | {
      readonly endpoints: { readonly tables: string; readonly blobs: string; readonly queues: string };
      /** `managed`: the managed identity and nothing else; `default`: what `DefaultAzureCredential` finds. */
      readonly identity: 'managed' | 'default';
      /** Client id of the user-assigned managed identity; absent for the system-assigned one. */
      readonly clientId?: string | undefined;
    };

/** Thrown where the environment does not say which storage account to use, or says it wrong. Never quotes a connection string. */
export class StorageSettingsError extends Error {
  override readonly name = 'StorageSettingsError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of an identity-based connection, after the connection's name and `__`. */
const SERVICES = { tables: 'tableServiceUri', blobs: 'blobServiceUri', queues: 'queueServiceUri' } as const;

/**
 * Reads the settings of a storage connection.
 * @param environment such as `process.env`
 * @param connection the name that the settings begin with
 * @param endpointSuffix domain of the cloud's storage services, for an account given by name alone; Azure US Government has
 * `core.usgovcloudapi.net`, Azure operated by 21Vianet `core.chinacloudapi.cn`
 * @throws StorageSettingsError
 */
export function storageSettings(
  environment: Environment,
  connection = 'AzureWebJobsStorage',
  endpointSuffix = 'core.windows.net',
): StorageSettings {
  const connectionString = textIn(environment, connection);
  if (connectionString !== undefined) return { connectionString: checkedString(connection, connectionString) };
  const setting = (name: string) => textIn(environment, `${connection}__${name}`);
  const account = setting('accountName');
  const endpoint = (service: keyof typeof SERVICES, domain: string): string => {
    const name = SERVICES[service];
    const uri = setting(name);
    if (uri !== undefined) return checkedUri(`${connection}__${name}`, uri);
    if (account !== undefined) return `https://${checkedAccount(connection, account)}.${domain}.${endpointSuffix}`;
    throw new StorageSettingsError(
      `No storage account is configured: set ${connection} to a connection string, or ${connection}__accountName, ` +
        `or all of ${Object.values(SERVICES)
          .map((uri) => `${connection}__${uri}`)
          .join(', ')} (missing: ${name}).`,
    );
  };
  const endpoints = {
    tables: endpoint('tables', 'table'),
    blobs: endpoint('blobs', 'blob'),
    queues: endpoint('queues', 'queue'),
  };
  const identity = setting('credential')?.toLowerCase() === 'managedidentity' ? 'managed' : 'default';
  return { endpoints, identity, clientId: setting('clientId') };
}

function textIn(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function checkedString(connection: string, value: string): string {
  // Shared keys and shared access signatures both name their endpoint or account in `name=value` pairs.
  if (/^UseDevelopmentStorage=true;?$/i.test(value) || /(^|;)\s*(AccountName|TableEndpoint)=/i.test(value))
    return value;
  throw new StorageSettingsError(
    `${connection} is not a storage connection string: it has neither AccountName nor TableEndpoint. ` +
      `Where it is a reference to a secret that was not resolved, look at the function app’s configuration.`,
  );
}

function checkedAccount(connection: string, account: string): string {
  if (/^[a-z0-9]{3,24}$/.test(account)) return account;
  throw new StorageSettingsError(
    `${connection}__accountName is ${JSON.stringify(account.slice(0, 100))}: an account name has 3 to 24 lower-case letters and digits.`,
  );
}

function checkedUri(name: string, value: string): string {
  const uri = URL.canParse(value) ? new URL(value) : undefined;
  if (uri?.protocol === 'https:' && uri.search === '' && uri.username === '') return value.replace(/\/+$/, '');
  throw new StorageSettingsError(
    `${name} must be an https address without query, such as https://contoso.table.core.windows.net.`,
  );
}
