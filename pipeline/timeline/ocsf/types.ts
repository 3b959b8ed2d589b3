/**
 * OCSF 1.8.0: the event classes that sources map their records to. Written by hand are only this page and the union; the
 * interfaces come from the schema's own files (`scripts/ocsf-generate.ts`), numbered values with their captions.
 */
import type {
  AccountChange,
  ApiActivity,
  Authentication,
  BaseEvent,
  DetectionFinding,
  EntityManagement,
  GroupManagement,
  IncidentFinding,
  UserAccess,
} from './types.generated.ts';

export type * from './types.generated.ts';

export const OCSF_VERSION = '1.8.0';

/** Any event of the classes in use; `class_uid` tells which. */
export type OcsfEvent =
  | AccountChange
  | ApiActivity
  | Authentication
  | BaseEvent
  | DetectionFinding
  | EntityManagement
  | GroupManagement
  | IncidentFinding
  | UserAccess;
