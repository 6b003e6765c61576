import { hash, timingSafeEqual } from 'node:crypto';

const PREFIX = 'sk-maru-';
const MAX_SECRET_LENGTH = 256;

/** A new secret key from random text with at least 192 bits. */
export const makeSecret = (random: string): string => `${PREFIX}${random}`;

/** What is stored: a secret of 192 random bits needs no salt and no slow hash. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'hex');

/** Enough to recognise a key in a list, far too little to guess it. */
export const visiblePrefix = (secret: string): string => secret.slice(0, PREFIX.length + 4);

export const looksLikeSecret = (secret: string): boolean => secret.startsWith('sk-') && secret.length <= MAX_SECRET_LENGTH;

/** Compares two hashes in a time that does not depend on where they differ. */
export const sameHash = (left: string, right: string): boolean => left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
