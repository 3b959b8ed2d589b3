// Microsoft Sentinel and Crosstrail: the Logic App that tells Crosstrail of incidents, the rule that starts it, the rights that are needed, and the tables for events and findings.
// Deployed to the resource group of the function app. Each part can be left out.
targetScope = 'resourceGroup'

@description('Name of the function app that runs Crosstrail, in this resource group.')
param functionAppName string

@description('Object id of the managed identity of the function app.')
param functionPrincipalId string

@description('Subscription, resource group and name of the Log Analytics workspace with Microsoft Sentinel.')
param workspaceSubscription string = subscription().subscriptionId
param workspaceResourceGroup string
param workspaceName string

@description('Region of the workspace: the data collection rule must be in the same.')
param workspaceLocation string

@description('Whether incidents are enriched when an automation rule tells of them.')
param playbook bool = true

@description('Application ID URI of the app registration that the function app authenticates callers with, such as api://<client id>. Needed for the playbook.')
param functionAudience string = ''

@description('Object id of the service principal "Azure Security Insights" in this tenant, which starts playbooks. Needed for the playbook.')
param sentinelPrincipalId string = ''

@description('Whether the automation rule is made. Without it, add the playbook to a rule of yours.')
param automationRule bool = true

@description('Whether tables and a data collection rule are made for events and findings.')
param logs bool = false

param location string = resourceGroup().location

// Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var sentinelAutomationContributor = 'f4c81013-99ee-4d62-a7ee-b3f1f648599a'

module enrichment 'playbook.bicep' = if (playbook) {
  name: 'crosstrail-sentinel-playbook'
  params: {
    functionAppName: functionAppName
    functionAudience: functionAudience
    location: location
  }
}

// Sentinel starts playbooks only in resource groups where it has this role.
resource startsPlaybooks 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (playbook) {
  name: guid(resourceGroup().id, sentinelPrincipalId, sentinelAutomationContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sentinelAutomationContributor)
    principalId: sentinelPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module workspace 'workspace.bicep' = {
  name: 'crosstrail-sentinel-workspace'
  scope: resourceGroup(workspaceSubscription, workspaceResourceGroup)
  params: {
    workspaceName: workspaceName
    functionPrincipalId: functionPrincipalId
    playbookPrincipalId: playbook ? enrichment!.outputs.principalId : ''
    playbookId: playbook && automationRule ? enrichment!.outputs.id : ''
  }
  dependsOn: [startsPlaybooks]
}

module tables 'logs.bicep' = if (logs) {
  name: 'crosstrail-sentinel-logs'
  scope: resourceGroup(workspaceSubscription, workspaceResourceGroup)
  params: {
    workspaceName: workspaceName
    location: workspaceLocation
    functionPrincipalId: functionPrincipalId
  }
}

@description('For sentinel.logs of crosstrail.yaml.')
output endpoint string = logs ? tables!.outputs.endpoint : ''
output rule string = logs ? tables!.outputs.rule : ''
