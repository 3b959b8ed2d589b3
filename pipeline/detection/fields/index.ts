import { AWS_CLOUDTRAIL } from './aws-cloudtrail.ts';
import { AWS_SECURITYHUB } from './aws-securityhub.ts';
import { AZURE_ACTIVITYLOGS } from './azure-activitylogs.ts';
import { AZURE_AUDITLOGS } from './azure-auditlogs.ts';
import { AZURE_DEFENDERFORCLOUD } from './azure-defenderforcloud.ts';
import { AZURE_RISKDETECTION } from './azure-riskdetection.ts';
import { AZURE_SIGNINLOGS } from './azure-signinlogs.ts';
import { KUBERNETES_AUDIT } from './kubernetes-audit.ts';
import { OTHER_PRODUCTS } from './other-products.ts';
import type { SourceFields } from './source-fields.ts';

/** All log sources whose fields are known, or have other names in rules. */
export const SOURCE_FIELDS: readonly SourceFields[] = [
  AWS_CLOUDTRAIL,
  AZURE_ACTIVITYLOGS,
  AZURE_AUDITLOGS,
  AZURE_SIGNINLOGS,
  AZURE_RISKDETECTION,
  AZURE_DEFENDERFORCLOUD,
  AWS_SECURITYHUB,
  KUBERNETES_AUDIT,
  ...OTHER_PRODUCTS,
];
