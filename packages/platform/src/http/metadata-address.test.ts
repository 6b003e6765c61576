import { describe, expect, it } from 'vitest';
import { isMetadataAddress } from './metadata-address.ts';

describe('isMetadataAddress', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '[fe80::1]',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
  ])('knows %s', (address) => expect(isMetadataAddress(address)).toBe(true));

  it.each(['127.0.0.1', '10.0.0.1', '192.168.1.4', '::1', 'fd12::1', '8.8.8.8', 'localhost', 'example.com', ''])('lets %j be a model server', (address) =>
    expect(isMetadataAddress(address)).toBe(false),
  );
});
