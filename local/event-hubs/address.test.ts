import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';

test.each([
  ['$cbs', { to: 'claims' }],
  ['$management', { to: 'management' }],
  ['entra/$management', { to: 'management' }],
  ['entra', { to: 'hub', hub: 'entra' }],
  ['entra/Partitions/3', { to: 'hub', hub: 'entra', partition: '3' }],
  ['entra/partitions/3', { to: 'hub', hub: 'entra', partition: '3' }],
  ['entra/ConsumerGroups/$Default/Partitions/0', { to: 'hub', hub: 'entra', group: '$Default', partition: '0' }],
  ['amqps://localhost:5672/entra/Partitions/3', { to: 'hub', hub: 'entra', partition: '3' }],
])('%s', (address, expected) => {
  expect(parseAddress(address)).toEqual(expected);
});

test.each(['', '/', 'entra/', 'entra/ConsumerGroups/a', 'entra/Partitions/', 'a/b/c', 'amqp://localhost/'])(
  '"%s" names nothing',
  (address) => {
    expect(parseAddress(address)).toBeUndefined();
  },
);
