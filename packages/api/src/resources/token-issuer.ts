import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';

/** Signatures with a public key only: whoever can check a token must not be able to make one. */
export const TOKEN_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const publicKeySchema = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']), kid: z.string().max(500).optional(), alg: z.enum(TOKEN_ALGORITHMS).optional() })
  .refine((key) => PRIVATE_PARTS.every((part) => !(part in key)), 'must be a public key: a private or shared key does not stand in a resource');

const expressionSchema = z.string().min(1).max(2000);
const urlSchema = z.url({ protocol: /^https?$/ }).max(2000);

const tokenIssuerSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** As it stands in `iss` of the tokens, character by character. */
  issuer: z.string().min(1).max(500),
  /** A token must be for one of these (`aud`). */
  audiences: z.array(z.string().min(1).max(500)).min(1).max(20),
  /** Address of the public keys; found through `/.well-known/openid-configuration` of the issuer where it is absent and `keys` too. */
  jwksUrl: urlSchema.optional(),
  /** Public keys (JWK), in place of an address. */
  keys: z.array(publicKeySchema).min(1).max(100).optional(),
  algorithms: z.array(z.enum(TOKEN_ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']),
  /** How far the clocks of the issuer and of Maru may be apart. */
  clockSkewSeconds: z.number().int().min(0).max(300).default(30),
  /** A CEL condition over `claims`; tokens for which it does not hold are refused. */
  condition: expressionSchema.optional(),
  /** CEL expressions over `claims`, such as `claims.department`. */
  map: z
    .strictObject({
      /** Name of the team, project or organisation that pays; `within`, else `default`, where absent. */
      tenant: expressionSchema.optional(),
      /** Name of the user, whose budgets and limits hold besides; `claims.sub` where absent. */
      user: expressionSchema.optional(),
      /** Name of the end user; then a request can name no other. */
      endUser: expressionSchema.optional(),
      /** Models that may be used: a list of names, patterns and groups. All that the accounts allow where absent. */
      models: expressionSchema.optional(),
      /** Tags of every request: a list. */
      tags: expressionSchema.optional(),
    })
    .prefault({}),
  /** A tenant that tokens can not leave: they pay for it, or for an account below it. */
  within: nameSchema.optional(),
});
export type TokenIssuerSpec = z.infer<typeof tokenIssuerSpecSchema>;

export const tokenIssuerKind = defineKind({
  kind: 'TokenIssuer',
  plural: 'tokenissuers',
  shortNames: ['tki'],
  description: 'An identity provider whose signed tokens (JWT, OIDC) are taken as keys, and what their claims mean here.',
  spec: tokenIssuerSpecSchema,
  columns: [
    { name: 'Issuer', type: 'string', jsonPath: '.spec.issuer' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => (spec.within === undefined ? [] : [refersTo('Tenant', spec.within, 'within')]),
});
