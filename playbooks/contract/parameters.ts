import { z } from 'zod';
import { parsePrefix, prefixText } from '../../platform/ip-prefix.ts';

/** Parameters that stand between hostile values and the APIs: each takes only what its cloud's own rules allow, and gives the canonical form. */

/** Networks wider than these are refused as parameters, whatever guards say: nobody attacks from a sixteenth of the internet. */
const WIDEST = { 4: 16, 6: 32 } as const;

/** An address, or a network no wider than /16 (IPv4) or /32 (IPv6); gives canonical CIDR notation: `198.51.100.23/32`. */
export const addressParameter = z
  .string()
  .max(64)
  .transform((text, context) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined || prefix.length < WIDEST[prefix.version]) {
      context.addIssue({
        code: 'custom',
        message: `expected an address, or a network no wider than /${WIDEST[4]} (IPv4) or /${WIDEST[6]} (IPv6)`,
      });
      return z.NEVER;
    }
    const bits = prefix.words.length * 32;
    return prefix.length === bits ? `${prefixText(prefix)}/${bits}` : prefixText(prefix);
  });

/** A GUID, in lower case. */
export const guidParameter = z.guid('expected a GUID').transform((text) => text.toLowerCase());

const ARM_ID =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourcegroups\/[\w.()-]{0,89}[\w()-]\/providers\/[a-z]+(?:\.[a-z]+)+(?:\/[a-z]+\/[\w][\w.-]{0,127})+$/i;

/**
 * The ARM id of a resource of one type, such as `Microsoft.Network/networkSecurityGroups`.
 * @param type of a resource that lies in no other resource
 */
export const armIdParameter = (type: string) =>
  z
    .string()
    .max(1024)
    .regex(ARM_ID, `expected the resource id of a ${type}`)
    .refine((id) => {
      const provider = id.split('/').slice(6);
      return provider.length === 3 && provider.slice(0, 2).join('/').toLowerCase() === type.toLowerCase();
    }, `expected the resource id of a ${type}`);

/** An AWS account. */
export const awsAccountParameter = z.string().regex(/^\d{12}$/, 'expected an AWS account of 12 digits');

/** A region of AWS. */
export const awsRegionParameter = z
  .string()
  .regex(/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/, 'expected a region such as eu-central-1');

/** The ARN of a user or a role of IAM. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const iamArnParameter = (type: 'user' | 'role') =>
  z
    .string()
    .max(2048)
    .regex(
      new RegExp(`^arn:aws[a-z-]{0,20}:iam::\\d{12}:${type}/(?:[\\x21-\\x7e]{0,510}/)?[\\w+=,.@-]{1,64}$`),
      `expected the ARN of an IAM ${type}`,
    );

/** The id of an access key that does not end by itself. */
export const accessKeyParameter = z
  .string()
  .regex(/^AKIA[A-Z0-9]{12,124}$/, 'expected the id of an access key of an IAM user, which begins with AKIA');

/** A name of a Kubernetes object: a DNS subdomain. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const kubernetesNameParameter = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected a name of a Kubernetes object');

/** A name of an RBAC object, which may also hold colons and capitals; no path can be made of it. */
export const rbacNameParameter = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?!\.{1,2}$)[\w:.@-]+$/, 'expected a name of a role binding');

/** A namespace of Kubernetes. */
export const namespaceParameter = z
  .string()
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected a namespace');
