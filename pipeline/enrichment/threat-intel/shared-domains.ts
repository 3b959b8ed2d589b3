/**
 * Domains below which names belong to many who have nothing to do with each other, and those by which everybody reaches the clouds: an indicator
 * of one of them would hit everybody. What lies below them may be somebody's.
 */

/** Second labels of registries below two letters of a country: `co.uk`, `com.au`. */
const REGISTRY_LABELS = new Set(
  'ac ad asn co com ed edu ernet fed firm gen go gob gouv gov govt gub id ind inf info ltd me mil mod my ne net nhs nic nom nsn nui or org plc pol presse press res sch school tm web'.split(
    ' ',
  ),
);

/** Where anybody can have a name of their own. */
const HOSTING = `
  000webhostapp.com altervista.org appspot.com azureedge.net azurefd.net azurewebsites.net b-cdn.net bitbucket.io blogspot.com
  cloudapp.net cloudfront.net ddns.net duckdns.org dyndns.org dynv6.net firebaseapp.com fly.dev github.io gitlab.io glitch.me herokuapp.com
  hopto.org ipfs.io lhr.life loca.lt myftp.org myqnapcloud.com myshopify.com mystrikingly.com netlify.app ngrok.app ngrok.dev ngrok.io ngrok-free.app
  no-ip.org nip.io notion.site onion onrender.com pages.dev r2.dev railway.app repl.co replit.app serveo.net servehttp.com sites.google.com sslip.io
  surge.sh synology.me trycloudflare.com ts.net vercel.app web.app webflow.io weebly.com wixsite.com wordpress.com workers.dev zapto.org`;

/** Where everybody goes. */
const EVERYBODYS = `
  akamai.net akamaiedge.net amazon.com amazonaws.com amazonaws.com.cn amazoncognito.com apple.com awsapps.com azmk8s.io azure-api.net
  azure.com azure.net azurecr.io cloudflare.com docker.com docker.io dropbox.com elasticbeanstalk.com facebook.com fastly.net github.com githubusercontent.com
  gitlab.com gmail.com google.com googleapis.com googleusercontent.com gstatic.com icloud.com linkedin.com live.com microsoft.com
  microsoftonline.com office.com office.net office365.com okta.com onedrive.com onmicrosoft.com outlook.com pypi.org npmjs.org npmjs.com
  salesforce.com sharepoint.com sharepointonline.com slack.com trafficmanager.net windows.com windows.net windowsupdate.com yahoo.com youtube.com
  accounts.google.com actions.githubusercontent.com api.github.com blob.core.windows.net cloudapp.azure.com console.aws.amazon.com container.googleapis.com
  core.windows.net database.windows.net graph.microsoft.com graph.windows.net login.live.com login.microsoft.com login.microsoftonline.com
  login.windows.net management.azure.com outlook.office.com outlook.office365.com portal.azure.com raw.githubusercontent.com s3.amazonaws.com
  servicebus.windows.net signin.aws.amazon.com storage.googleapis.com sts.amazonaws.com sts.windows.net table.core.windows.net
  token.actions.githubusercontent.com vault.azure.net`;

const SHARED = new Set(`${HOSTING} ${EVERYBODYS}`.trim().split(/\s+/));

/** Endpoints of one region, at or below which are everybody's names there: `s3.eu-central-1.amazonaws.com`. */
const REGIONAL = [
  /^(?:s3|s3-website|sts|ec2|lambda|dynamodb|sqs|sns|kms|execute-api)[.-][a-z0-9-]{1,32}\.amazonaws\.com(?:\.cn)?$/,
  /^[a-z0-9-]{1,32}\.(?:compute|elb|rds)\.amazonaws\.com(?:\.cn)?$/,
  /^compute-1\.amazonaws\.com$/,
  /^[a-z0-9-]{1,32}\.cloudapp\.azure\.com$/,
];

/** Whether too many have names at or below a domain for it to be one party's. @param domain in lower case, without a last dot */
export function isShared(domain: string): boolean {
  const labels = domain.split('.');
  const [first = '', last = ''] = labels;
  if (labels.length < 2) return true;
  if (labels.length === 2 && last.length === 2 && REGISTRY_LABELS.has(first)) return true;
  return SHARED.has(domain) || REGIONAL.some((pattern) => pattern.test(domain));
}
