import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OWN_LABEL } from '../../pipeline/sentinel/incident.ts';

const text = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

const workflow = z
  .strictObject({
    $schema: z.string(),
    contentVersion: z.string(),
    parameters: z.record(z.string(), z.object({ type: z.string() })),
    triggers: z.record(
      z.string(),
      z.object({ type: z.string(), inputs: z.object({ path: z.string(), body: z.record(z.string(), z.string()) }) }),
    ),
    actions: z.record(
      z.string(),
      z.object({
        type: z.string(),
        inputs: z.object({
          method: z.string(),
          uri: z.string(),
          headers: z.record(z.string(), z.string()),
          body: z.unknown(),
          authentication: z.record(z.string(), z.string()),
        }),
        runtimeConfiguration: z.object({ secureData: z.object({ properties: z.array(z.string()) }) }),
      }),
    ),
    outputs: z.strictObject({}),
  })
  .parse(JSON.parse(text('workflow.json')));

describe('the Logic App', () => {
  it('has one step, started by Sentinel with an incident', () => {
    expect(Object.values(workflow.triggers)).toMatchObject([
      {
        type: 'ApiConnectionWebhook',
        inputs: { path: '/incident-creation', body: { callback_url: '@{listCallbackUrl()}' } },
      },
    ]);
    expect(Object.values(workflow.actions)).toMatchObject([{ type: 'Http', inputs: { method: 'POST' } }]);
  });

  it('tells the id of the incident and nothing else, as a managed identity, and shows no key', () => {
    const [action] = Object.values(workflow.actions);
    expect(action?.inputs.body).toEqual({ object: { id: "@triggerBody()?['object']?['id']" } });
    expect(action?.inputs.authentication).toEqual({
      type: 'ManagedServiceIdentity',
      audience: "@parameters('functionAudience')",
    });
    expect(action?.runtimeConfiguration.secureData.properties).toContain('inputs');
    expect(workflow.parameters['functionKey']?.type).toBe('SecureString');
  });

  it('uses the parameters that it declares and is given', () => {
    const used = new Set([...text('workflow.json').matchAll(/@parameters\('([^']+)'\)/g)].map(([, name]) => name));
    const declared = new Set(Object.keys(workflow.parameters));
    const given = text('playbook.bicep').split('    parameters: {')[1] ?? '';
    expect(used).toEqual(declared);
    for (const name of declared) expect(given).toContain(`${name.startsWith('$') ? `'${name}'` : name}: {`);
  });
});

describe('the automation rule', () => {
  it('starts it for new incidents, but for those of Crosstrail', () => {
    const rule = text('workspace.bicep').split('automationRules@')[1] ?? '';
    expect(rule).toContain("triggersWhen: 'Created'");
    expect(rule).toMatch(/'IncidentLabel'\s+operator: 'NotContains'/);
    expect(rule).toContain(`propertyValues: ['${OWN_LABEL}']`);
  });
});

describe('rights', () => {
  it('are those that the page names, each on no more than it needs', () => {
    const files = ['main.bicep', 'workspace.bicep', 'logs.bicep', 'playbook.bicep'].map(text).join('\n');
    const roles = [...files.matchAll(/^var (\w+) = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'$/gm)];
    expect(Object.fromEntries(roles.map(([, name, id]) => [name, id]))).toEqual({
      sentinelAutomationContributor: 'f4c81013-99ee-4d62-a7ee-b3f1f648599a',
      sentinelResponder: '3e150937-b8fe-4cfb-8069-0eaf05ecd056',
      sentinelReader: '8d289c81-5878-46d4-8554-54e1e3d8b5cb',
      monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
    });
    const assignments = files.split("'Microsoft.Authorization/roleAssignments@").slice(1);
    expect(assignments).toHaveLength(4);
    // What has no scope of its own holds in the resource group of the deployment.
    const scopes = assignments.map(
      (each) => /^ {2}scope: (\w+)$/m.exec(each.slice(0, each.indexOf('properties')))?.[1],
    );
    expect(scopes).toEqual([undefined, 'workspace', 'workspace', 'rule']);
  });

  it('and all else hold no secret', () => {
    const all = ['main.bicep', 'workspace.bicep', 'logs.bicep', 'playbook.bicep', 'workflow.json', 'README.md'].map(
      text,
    );
    for (const each of all) expect(each).not.toMatch(/code=[\w-]{20}|[A-Za-z0-9+/]{40,}={1,2}/);
  });
});

describe('modules', () => {
  it('are given every parameter without a default, and none that they do not have', () => {
    const main = text('main.bicep');
    for (const file of ['playbook.bicep', 'workspace.bicep', 'logs.bicep']) {
      const parameters = [...text(file).matchAll(/^param (\w+) \w+( =)?/gm)];
      const block = main.split(`'${file}'`)[1]?.split('params: {')[1]?.split('\n  }')[0] ?? '';
      const given = [...block.matchAll(/^ {4}(\w+):/gm)].map(([, name]) => name);
      const known = parameters.map(([, name]) => name);
      const needed = parameters.filter(([, , byDefault]) => byDefault === undefined).map(([, name]) => name);
      expect(known, file).toEqual(expect.arrayContaining(given));
      expect(given, file).toEqual(expect.arrayContaining(needed));
    }
  });
});
