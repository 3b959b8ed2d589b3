import type { ServicePorts } from './azurite-servers.ts';

/** The account of every storage emulator: its name and key are published by Microsoft and protect nothing. */
const ACCOUNT_NAME = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** What the storage clients connect to local services with. */
export function connectionStringOf(ports: ServicePorts): string {
  const endpoint = (name: string, port: number) => `${name}Endpoint=http://127.0.0.1:${port}/${ACCOUNT_NAME};`;
  return (
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT_NAME};AccountKey=${ACCOUNT_KEY};` +
    endpoint('Blob', ports.blob) +
    endpoint('Queue', ports.queue) +
    endpoint('Table', ports.table)
  );
}
