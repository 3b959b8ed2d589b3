import { describe, expect, it } from 'vitest';
import { FeedError } from '../feed-error.ts';
import { parseProviderRanges, type Provider } from './provider-ranges.ts';
import { publishedRanges } from './range-samples.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('ranges of clouds', () => {
  it.each([
    ['aws', '203.0.113.7', 'AWS EC2 eu-central-1'],
    ['aws', '203.0.113.200', 'AWS eu-central-1'],
    ['aws', '2001:db8:1::1', 'AWS S3 us-east-1'],
    ['gcp', '198.51.100.1', 'Google Cloud europe-west3'],
    ['gcp', '2001:db8:2::1', 'Google Cloud us-east1'],
    ['azure', '192.0.2.9', 'AzureStorage westeurope'],
    ['azure', '192.0.2.200', 'Azure westeurope'],
    ['azure', '2001:db8:3::1', 'Azure westeurope'],
    ['azure', '203.0.113.7', undefined],
  ] as const)('of %s: %s is %s', (provider, address, name) => {
    expect(parseProviderRanges(provider, bytesOf(publishedRanges[provider])).of(address)?.provider).toBe(name);
  });

  it.each([
    ['aws', '2026-11-01-10-00-00', 4],
    ['gcp', '2026-11-01T00:00:00.000000', 2],
    ['azure', '400', 3],
  ] as const)('of %s are of version %s, and say how many they are', (provider, version, size) => {
    expect(parseProviderRanges(provider, bytesOf(publishedRanges[provider]))).toMatchObject({ version, size });
  });

  it.each([
    ...['', '{', '[]', 'null', '{"prefixes":[]}', '{"prefixes":{"length":5}}', '{"values":[{"properties":null},7]}'],
    ...['<html>busy</html>', '{"prefixes":[{"ip_prefix":"0.0.0.0/0"},{"ipv4Prefix":"::/1"},{"ip_prefix":"x"}]}'],
    '{"values":[{"properties":{"addressPrefixes":["0.0.0.0/0",7,null]}}]}',
  ])('are refused as %j', (text) => {
    for (const provider of ['aws', 'gcp', 'azure'] satisfies Provider[]) {
      expect(() => parseProviderRanges(provider, bytesOf(text))).toThrow(FeedError);
    }
  });
});
