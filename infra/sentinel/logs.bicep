// Tables for events and findings, and the data collection rule through which they come. The columns are in tables.json, which the tests hold to the code.
param workspaceName string
param location string
param functionPrincipalId string
param retentionInDays int = 90

// Built-in role: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var columns = loadJsonContent('tables.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource tables 'Microsoft.OperationalInsights/workspaces/tables@2022-10-01' = [
  for table in items(columns): {
    parent: workspace
    name: table.key
    properties: {
      schema: {
        name: table.key
        columns: map(table.value, column => {
          name: column.name
          type: column.type == 'datetime' ? 'dateTime' : column.type
        })
      }
      retentionInDays: retentionInDays
    }
  }
]

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'crosstrail-${workspaceName}'
  location: location
  kind: 'Direct'
  properties: {
    streamDeclarations: toObject(items(columns), table => 'Custom-${table.key}', table => { columns: table.value })
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      for table in items(columns): {
        streams: ['Custom-${table.key}']
        destinations: ['workspace']
        transformKql: 'source'
        outputStream: 'Custom-${table.key}'
      }
    ]
  }
  dependsOn: [tables]
}

// Sends through this rule, and nothing else.
resource functionSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rule
  name: guid(rule.id, functionPrincipalId, monitoringMetricsPublisher)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output endpoint string = rule.properties.endpoints.logsIngestion
output rule string = rule.properties.immutableId
