import { z } from 'zod';
import { endpoint } from '../../azure/endpoints.ts';
import { variableName } from '../variable-name.ts';

/** A name that people gave, such as that of a priority. */
const label = z.string().min(1).max(100);

const jira = z.strictObject({
  /** The site, `https://contoso.atlassian.net`; with tokens of service accounts `https://api.atlassian.com/ex/jira/<cloud id>`. */
  base: endpoint,
  /** Its key. https://support.atlassian.com/jira-cloud-administration/docs/change-the-project-key-format/ */
  project: z.string().regex(/^[A-Z][A-Z0-9_]{1,29}$/, 'expected the key of a project such as SEC'),
  issueType: label.default('Task'),
  /** Holds the e-mail address of the account. */
  userVariable: variableName.default('JIRA_USER'),
  /** Holds an API token of the account. */
  tokenVariable: variableName.default('JIRA_TOKEN'),
  /** Names of priorities by severity; a severity without one leaves the priority alone. */
  priorities: z
    .strictObject({
      informational: label.optional(),
      low: label.optional(),
      medium: label.optional(),
      high: label.optional(),
      critical: label.optional(),
    })
    .prefault({}),
  /** The transition, or the status, that closes; the first to a status of the category Done unless told. */
  closeTransition: label.optional(),
});

const servicenow = z.strictObject({
  /** `https://contoso.service-now.com`. */
  base: endpoint,
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,79}$/, 'expected the name of a table such as incident')
    .default('incident'),
  userVariable: variableName.default('SERVICENOW_USER'),
  passwordVariable: variableName.default('SERVICENOW_PASSWORD'),
  /** Holds a token of OAuth, in place of user and password. */
  tokenVariable: variableName.optional(),
  /** `sys_id` of the group that gets it. */
  assignmentGroup: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected a sys_id of 32 hexadecimal digits')
    .optional(),
  /** Which state closes: 6 is Resolved where nobody changed the states. */
  closeState: z.int().min(0).max(1000).default(6),
  /** A value of the field Resolution code. */
  closeCode: label.default('Solution provided'),
});

const github = z.strictObject({
  /** `https://api.github.com`, or of one's own server `https://github.contoso.example/api/v3`. */
  base: endpoint.prefault('https://api.github.com'),
  repository: z
    .string()
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/(?!\.{1,2}$)[\w.-]{1,100}$/,
      'expected a repository such as contoso/incidents',
    ),
  /** Holds a token that may write issues of that repository and nothing else. */
  tokenVariable: variableName.default('GITHUB_ISSUES_TOKEN'),
});

const azureDevOps = z.strictObject({
  base: endpoint.prefault('https://dev.azure.com'),
  organization: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,49}$/, 'expected the name of an organization'),
  /** https://learn.microsoft.com/azure/devops/organizations/settings/naming-restrictions */
  project: z.string().regex(/^(?![._])[^\\/:*?"<>;#$&{},+=[\]|%@~\p{C}]{1,64}$/u, 'expected the name of a project'),
  type: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} _-]{0,127}$/u, 'expected a type of work items such as Issue')
    .default('Issue'),
  /** Holds a personal access token; the identity of the function app signs in unless told. */
  tokenVariable: variableName.optional(),
  /** The state that closes: `Done` in the process Basic, `Closed` in Agile and CMMI. */
  closeState: label.default('Done'),
});

/** The configuration's `response.tickets`: where tickets are opened for incidents. Secrets stand in environment variables, which are named here. */
export const ticketsSection = z
  .strictObject({
    /** Whether what is closed in Crosstrail is closed there. */
    close: z.boolean().default(true),
    jira: jira.optional(),
    servicenow: servicenow.optional(),
    github: github.optional(),
    azureDevOps: azureDevOps.optional(),
  })
  .prefault({});

export type TicketsSettings = z.infer<typeof ticketsSection>;
