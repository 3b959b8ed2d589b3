import { objectOf, openObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { entraObjectIdKey } from '../../timeline/entity-keys.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { guidOf } from '../shared/entra-names.ts';
import { trustedSubject } from '../shared/trusted-subject.ts';
import type { Operation } from './operation.ts';

const ROLE_ASSIGNMENT = 'microsoft.authorization/roleassignments/write';
const FEDERATED_CREDENTIAL = 'microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write';
/** The body of either is short; a longer one is not looked into. */
const LONGEST_BODY = 65_536;

/** The body of the request: text, or the object that it holds. Azure writes it on the first row of an operation. */
export const bodyOf = (properties: JsonObject | undefined): Json | undefined =>
  properties?.requestbody ?? properties?.requestBody;

/** Names as targets whom an operation gives access: who is assigned a role, whose tokens of other issuers a managed identity accepts. */
export function addTrusted(operation: Operation, properties: JsonObject | undefined, entities: EntityList): void {
  const { folded } = operation;
  if (folded !== ROLE_ASSIGNMENT && folded !== FEDERATED_CREDENTIAL) return;
  const body = bodyOf(properties);
  const opened = typeof body === 'string' && body.length > LONGEST_BODY ? undefined : openObject(body);
  const asked = objectOf(opened?.Properties ?? opened?.properties);
  if (asked === undefined) return;
  if (folded === ROLE_ASSIGNMENT) {
    const objectId = guidOf(asked.PrincipalId ?? asked.principalId);
    if (objectId === undefined) return;
    const isUser = textOf(asked.PrincipalType ?? asked.principalType)?.toLowerCase() === 'user';
    entities.add({ kind: isUser ? 'user' : 'service-principal', key: entraObjectIdKey(objectId), part: 'target' });
    return;
  }
  const [issuer, subject] = [textOf(asked.issuer), textOf(asked.subject)];
  if (issuer !== undefined && subject !== undefined)
    for (const entity of trustedSubject(issuer, subject)) entities.add(entity);
}
