import { describe, expect, it } from 'vitest';
import { isShared } from './shared-domains.ts';

describe('isShared', () => {
  it.each([
    ...['com', 'example', 'co.uk', 'com.au', 'go.jp', 'github.io', 'azurewebsites.net', 'blob.core.windows.net'],
    ...[
      's3.amazonaws.com',
      's3.eu-central-1.amazonaws.com',
      's3-eu-west-1.amazonaws.com',
      'eu-central-1.elb.amazonaws.com',
    ],
    ...[
      'westeurope.cloudapp.azure.com',
      'microsoft.com',
      'login.microsoftonline.com',
      'token.actions.githubusercontent.com',
    ],
  ])('%s is everybody’s', (domain) => {
    expect(isShared(domain)).toBe(true);
  });

  it.each([
    ...['fabrikam.example', 'fabrikam.co.uk', 'co.example', 'fabrikam.github.io', 'fabrikam.azurewebsites.net'],
    ...[
      'fabrikam.s3.eu-central-1.amazonaws.com',
      'fabrikam.blob.core.windows.net',
      'fabrikam.westeurope.cloudapp.azure.com',
    ],
    ...['notmicrosoft.com', 'microsoft.com.fabrikam.example'],
  ])('%s may be somebody’s', (domain) => {
    expect(isShared(domain)).toBe(false);
  });
});
