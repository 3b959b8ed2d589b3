// The Logic App of one step: Sentinel starts it with an incident, and it tells Crosstrail the incident's id. Automation rules start nothing else than Logic Apps.
param functionAppName string
param functionAudience string
param location string
param name string = 'crosstrail-enrich-incident'

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource connection 'Microsoft.Web/connections@2016-06-01' = {
  name: 'azuresentinel-${name}'
  location: location
  kind: 'V1'
  properties: {
    displayName: name
    api: {
      id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'azuresentinel')
    }
    parameterValueType: 'Alternative'
  }
}

resource playbook 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    state: 'Enabled'
    definition: loadJsonContent('workflow.json')
    parameters: {
      '$connections': {
        value: {
          azuresentinel: {
            connectionId: connection.id
            connectionName: connection.name
            id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'azuresentinel')
            connectionProperties: {
              authentication: {
                type: 'ManagedServiceIdentity'
              }
            }
          }
        }
      }
      functionUrl: {
        value: 'https://${functionApp.properties.defaultHostName}/api/sentinel/incidents'
      }
      functionAudience: {
        value: functionAudience
      }
      functionKey: {
        value: listKeys('${functionApp.id}/host/default', functionApp.apiVersion).functionKeys.default
      }
    }
  }
}

output id string = playbook.id
output principalId string = playbook.identity.principalId
