"""Words that look like names and are none: usual compounds, kinds of things, and what follows a cue without naming anything."""

_NO_NAMES = """
the a an it its this that these those them they we you your our their is was are were be has had have and or of for from in on at to
with more less new newer newest latest last old older previous earlier missing required version versions package packages manager
update updates patch patches library module name names which what whatever who whoever someone somebody nobody people hand mistake
default design another other any each every some no not all as by if when where while after before again only same fewer nothing
anything something deployment deployments release change changes can could may must should will would does did do than then there
here so users engineers developers operators team teams owner owners one two first certificate certificates agent agents tool tools
fresh different smaller larger fixed known good working stable provisioned demand capacity code
"""
_COMPOUNDS = """
on-call read-only write-only read-write out-of-memory load-balancer long-running short-lived up-to-date third-party one-off
follow-up roll-back time-out well-known so-called high-level low-level real-time near-real-time end-to-end built-in time-based
cold-start run-away self-healing first-time user-facing customer-facing public-facing client-side server-side back-off back-end
front-end cross-region cross-account multi-region single-region re-deploy re-deployment re-run re-start re-try re-enable re-create
re-check non-zero non-root non-critical pre-existing co-located fine-grained least-privilege double-check post-mortem health-check
stand-by root-cause out-of-date in-flight in-progress dead-letter bottle-neck half-open right-size right-sized over-provisioned
under-provisioned rate-limit rate-limited rate-limiting per-minute auto-scaling two-thirds one-third start-up shut-down warm-up
worst-case best-case short-term long-term day-to-day case-by-case step-by-step peer-reviewed must-have high-traffic and/or n/a
start/stop on/off read/write yes/no request/response client/server e.g i.e etc a.m p.m vs
"""
_KINDS_OF_THINGS = """
AWS Amazon EC2 ECS EKS ECR RDS S3 SQS SNS SSM IAM ACM ALB NLB ELB ASG VPC KMS EBS EFS API APIs CPU CPUs RAM DNS TLS SSL TCP UDP HTTP
HTTPS SSH SQL JSON YAML XML HTML URL URLs URI ID IDs IP IPs OS VM VMs JVM GC OOM OK UTC SLA SLO SLI SRE QPS RPS TTL DLQ CDN CI CD
CLI SDK TPS I/O PR PRs CNAME ARN ARNs LB DB CI/CD TODO RCA MTTR NAT I A P50 P90 P95 P99 p50 p90 p95 p99 5xx 4xx 3xx 2xx CloudWatch
CloudTrail CloudFormation CloudFront CodeDeploy CodePipeline CodeBuild Lambda Lambdas DynamoDB Aurora Route Fargate Kinesis
ElastiCache EventBridge Systems Manager Secrets Auto Scaling Elastic Load Balancer Balancing Step Functions Parameter Store
Certificate GitHub Slack Jira PagerDuty Grafana Datadog Docker Kubernetes Linux Windows Java Python Node Go Ruby PHP Redis Postgres
PostgreSQL MySQL Kafka Nginx Claude Watchkeeper Insights Logs
"""
_OF_THE_TRADE = """
about above access account action actions after again against alarm alert allow also another answer application around available average
backup because become before begin behind below between block both bring build busy cache call calls caller cannot capacity cause caused
change changed changes check clean clear client close cluster code come command compare config configuration confirm connect connection
connections consider consumer container cost count crash create current customer daily data database deadline deadlock default delay
delete demand deploy deployed deployment deployments depth detail disable disk does done down drain drop during each early either empty
enable engine enough ensure entry error errors every exactly exhausted exit expire export fail failed failing fails failure fault field
file files find first fleet follow forward found free from full further gateway give good grow handle have headroom health healthy help
here high hold host hosts hour idle image increase index inside instance instances into investigate issue item itself job jobs just keep
kill known large last latency later leak leave less level library limit limits line lines list load lock logs long look lower make many
match maximum measure memory message messages method metric might migration minimum minute minutes model monitor more most move much must
name need needs network never next node normal note number object often once only open operation order original other otherwise over owner
part past path payment payments peak pending people percent period permission person place plan please point policy pool port possible
previous primary prior process processes processor profile profiler project prove provider pull push query queries queue quickly quota
raise rate reach read ready real reason rebuild receive recent reconnect record recover reduce region reject release reload remain remove
repeat replace replica request requests require reset resolve resource respond response rest restart restore result retries retry return
revert review right roll rollback root route rule running runtime safe same save scale schedule schema search second seconds secret security
send server servers service services session setting settings several share short should show shut since single size slow small snapshot
some soon source space split stable stack stage start started state statement status stay step steps still stop stops storage store stream
such suspect switch system table take target task tasks team tell temporary test than that their them then there these they thing this those
thread threshold through throughput
ticket tied time timed timeout timeouts times together token total trace traffic transaction trigger tune turn
under unhealthy unit until update upgrade upstream usage used user users using usual value verify version very volume wait watch what when
where whether which while wide will window with within without work worker workers worse write wrote year your
"""

NO_NAMES = frozenset(_NO_NAMES.split())
COMPOUNDS = frozenset(_COMPOUNDS.split())
KINDS_OF_THINGS = frozenset(_KINDS_OF_THINGS.split())
OF_THE_TRADE = frozenset(_OF_THE_TRADE.split())
