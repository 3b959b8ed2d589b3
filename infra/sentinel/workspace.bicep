// Rights in the workspace, and the rule that starts the playbook for each new incident.
param workspaceName string
param functionPrincipalId string
param playbookPrincipalId string
param playbookId string

// Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var sentinelResponder = '3e150937-b8fe-4cfb-8069-0eaf05ecd056'
var sentinelReader = '8d289c81-5878-46d4-8554-54e1e3d8b5cb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

// Reads and writes incidents, comments and tasks, and queries the logs. It allows no change of rules or settings, but automation rules.
resource functionIsResponder 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workspace
  name: guid(workspace.id, functionPrincipalId, sentinelResponder)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sentinelResponder)
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// The playbook only receives incidents; it writes nothing.
resource playbookIsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(playbookPrincipalId)) {
  scope: workspace
  name: guid(workspace.id, playbookPrincipalId, sentinelReader)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sentinelReader)
    principalId: playbookPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// On creation only: a rule on updates would be started by what Crosstrail itself writes. Not for the incidents that Crosstrail makes.
resource rule 'Microsoft.SecurityInsights/automationRules@2025-09-01' = if (!empty(playbookId)) {
  scope: workspace
  name: guid(workspace.id, 'crosstrail-enrich-incident')
  properties: {
    displayName: 'Crosstrail: enrich new incidents'
    order: 100
    triggeringLogic: {
      isEnabled: true
      triggersOn: 'Incidents'
      triggersWhen: 'Created'
      conditions: [
        {
          conditionType: 'Property'
          conditionProperties: {
            propertyName: 'IncidentLabel'
            operator: 'NotContains'
            propertyValues: ['crosstrail-incident']
          }
        }
      ]
    }
    actions: [
      {
        order: 1
        actionType: 'RunPlaybook'
        actionConfiguration: {
          tenantId: subscription().tenantId
          logicAppResourceId: playbookId
        }
      }
    ]
  }
}
