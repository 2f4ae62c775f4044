#!/usr/bin/env bash
# From this checkout to AWS: check, build, deploy, hand over the secrets, and see that it answers. ./deploy.sh --help
#
# A secret is never an argument, here or of any program that this starts: arguments are in the shell history and in the
# process list of everybody on the machine. It goes from where it is kept into a shell variable and on through a pipe.
{ set +x; } 2>/dev/null # somebody's `bash -x` would print them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
export SAM_CLI_TELEMETRY=0 AWS_PAGER=""

usage() {
  cat <<'TEXT'
Usage: ./deploy.sh [--environment dev|staging|prod] [options]

  --environment NAME       dev, staging or prod; what differs is in samconfig.toml (default: dev)
  --region REGION          where to (default: AWS_REGION, AWS_DEFAULT_REGION, or the profile's)
  --profile NAME           the AWS profile to deploy with
  --bucket NAME            a bucket of yours for the built code (default: one that sam makes and keeps)
  --anthropic-key FROM     Claude's API key; without one the deterministic analyst does all the work
  --slack-webhook FROM     a Slack incoming webhook
  --slack-token FROM       a Slack bot token, which can edit and thread where a webhook cannot
  --jira-email FROM        whose Jira token it is
  --slack-signing-secret FROM  what Slack signs with what is pressed there; without one nobody can press anything
  --jira-token FROM        a Jira Cloud API token
  --github-token FROM      a fine-grained GitHub token that may read contents and pull requests, for the analysis
  --github-write-token FROM  one that may write both, to open reverts; only the runbook's role can read it
  --pagerduty-key FROM     the integration key of a PagerDuty service (Events API v2), to page
  --pagerduty-token FROM   a PagerDuty REST API token, to write notes
  --pagerduty-from FROM    the mail address of the PagerDuty user in whose name notes are written
  --tools-secret KEY=FROM  a read-only token under the secret_key of config/mcp-servers.yaml, to look with
  --toolbox-secret KEY=FROM  one that may act, under the same name; only the toolbox can read it
  --parameter NAME=VALUE   a parameter of template.yaml beside those in samconfig.toml, such as SpokeAccounts=111111111111,222222222222
                           or GuardianModel=claude-opus-5-5; never a secret
  --yes                    ask nothing (prod shows what would change and asks first)
  --dry-run                print every command and run none; needs no AWS account
  --help                   this text

FROM says where the secret is, and is never the secret itself:
  -            ask for it, or read a line of standard input
  env:NAME     the environment variable NAME
  file:PATH    the file PATH
A secret that is not given keeps the value it has.
TEXT
}

fail() { # one line, and the end
  printf 'deploy.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

step() { printf '\n== %s\n' "$1"; }

shown() { # a command as a person would type it
  local word line=""
  for word in "$@"; do line+="$(printf '%q' "$word") "; done
  printf '%s' "${line% }"
}

run() { # run a command; in a dry run, show it
  if [[ $dry_run == yes ]]; then printf 'would run: %s\n' "$(shown "$@")"; else "$@"; fi
}

sam() { # the pinned one that `make build` sets up, where there is one
  if [[ -x $root/.venv-sam/bin/python ]]; then "$root/.venv-sam/bin/python" -m samcli "$@"; else command sam "$@"; fi
}

# ---------------------------------------------------------------- what was asked for

environment=dev region="" profile="" bucket="" yes=no dry_run=no
secret_names=() secret_values=() parameters=()

where_it_goes() { # option, or option:key -> "output that names the secret" "key in it"
  case $1 in
    tools-secret:*) echo ToolsSecretArn "${1#*:}" ;;
    toolbox-secret:*) echo ToolboxSecretArn "${1#*:}" ;;
    slack-signing-secret) echo ConsoleSecretArn slack_signing_secret ;;
    pagerduty-key) echo ChannelsSecretArn pagerduty_routing_key ;;
    pagerduty-token) echo ChannelsSecretArn pagerduty_api_token ;;
    pagerduty-from) echo ChannelsSecretArn pagerduty_from ;;
    anthropic-key) echo ClaudeSecretArn anthropic_api_key ;;
    slack-webhook) echo ChannelsSecretArn slack_webhook_url ;;
    slack-token) echo ChannelsSecretArn slack_bot_token ;;
    jira-email) echo ChannelsSecretArn jira_email ;;
    jira-token) echo ChannelsSecretArn jira_api_token ;;
    github-token) echo ToolsSecretArn github_token ;;
    github-write-token) echo RunbookSecretArn github_write_token ;;
  esac
}

secret=""
read_secret() { # option, FROM -> $secret. Never names the value, not even in an error.
  local option=$1 from=$2 name path
  secret=""
  case $from in
    -)
      if [[ $dry_run == yes ]]; then secret=asked-for-later
      elif [[ -t 0 ]]; then
        IFS= read -rsp "--$option: " secret || true
        printf '\n' >&2
      else IFS= read -r secret || true
      fi
      ;;
    env:*)
      name=${from#env:}
      [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fail "--$option: env: needs the name of an environment variable after it" 2
      secret=${!name-}
      [[ -n $secret ]] || fail "--$option: the environment variable $name is not set or empty"
      export -n "${name?}" # what we start need not inherit it
      ;;
    file:*)
      path=${from#file:}
      [[ -f $path && -r $path ]] || fail "--$option: cannot read the file $path"
      secret=$(<"$path")
      ;;
    *)
      fail "--$option takes -, env:NAME or file:PATH and not the secret itself, which would stay in your shell history and show in the process list" 2
      ;;
  esac
  [[ -n $secret ]] || fail "--$option: nothing was given"
  [[ $secret != *[[:space:]]* ]] || fail "--$option: what was given has blanks or line ends in it, which no such secret has"
  if [[ $option == slack-webhook && $secret != https://* && $secret != asked-for-later ]]; then fail "--slack-webhook: what was given is no https address"; fi
}

readonly parameter_form='^[A-Za-z][A-Za-z0-9]*=[^[:space:]"\\]*$' keyed_form='^[a-z][a-z0-9_]{0,63}=(-|env:.*|file:.*)$'
froms=()
while (($#)); do
  option=$1
  shift
  case $option in
    --help | -h) usage; exit 0 ;;
    --dry-run) dry_run=yes; continue ;;
    --yes) yes=yes; continue ;;
    --*=*) value=${option#*=} option=${option%%=*} ;;
    --environment | --region | --profile | --bucket | --parameter | --tools-secret | --toolbox-secret | --anthropic-key | --slack-webhook | \
      --slack-token | --slack-signing-secret | --jira-email | --jira-token | --github-token | --github-write-token | --pagerduty-key | \
      --pagerduty-token | --pagerduty-from)
      (($#)) || fail "$option needs a value; see --help" 2
      value=$1
      shift
      ;;
    -*) fail "unknown option $option; see --help" 2 ;;
    *) fail "an argument without an option before it; see --help" 2 ;; # not repeated: it may be a secret that lost its place
  esac
  case $option in
    --environment) environment=$value ;;
    --region) region=$value ;;
    --profile) profile=$value ;;
    --bucket) bucket=$value ;;
    --parameter)
      [[ $value =~ $parameter_form ]] || fail "--parameter is NAME=VALUE, without blanks and quotes" 2
      parameters+=("$value")
      ;;
    --tools-secret | --toolbox-secret)
      [[ $value =~ $keyed_form ]] ||
        fail "$option is KEY=FROM, where KEY is the secret_key of config/mcp-servers.yaml and FROM is -, env:NAME or file:PATH and not the secret itself" 2
      secret_names+=("${option#--}:${value%%=*}")
      froms+=("${value#*=}")
      ;;
    --anthropic-key | --slack-webhook | --slack-token | --slack-signing-secret | --jira-email | --jira-token | --github-token | \
      --github-write-token | --pagerduty-key | --pagerduty-token | --pagerduty-from)
      secret_names+=("${option#--}")
      froms+=("$value")
      ;;
    *) fail "unknown option $option; see --help" 2 ;;
  esac
done
case $environment in
  dev | staging | prod) ;;
  *) fail "--environment is dev, staging or prod" 2 ;;
esac
[[ -z $region || $region =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || fail "--region: that is no region's name, which is like eu-west-1" 2
[[ -z $bucket || $bucket =~ ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$ ]] || fail "--bucket: that is no bucket's name" 2
stack=watchkeeper-$environment
region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}

for index in ${secret_names[@]+"${!secret_names[@]}"}; do
  read_secret "${secret_names[index]}" "${froms[index]}"
  secret_values+=("$secret")
done
secret=""

# ---------------------------------------------------------------- checks

step "checks"
for tool in aws make python3; do
  command -v "$tool" >/dev/null && continue
  [[ $dry_run == yes ]] || fail "$tool is not installed, and this needs it"
  printf 'note: %s is not installed; a real run needs it\n' "$tool"
done
if [[ -z $region && $dry_run == no ]]; then
  region=$(aws configure get region ${profile:+--profile "$profile"} 2>/dev/null || true)
  [[ -n $region ]] || fail "no region: give --region or set AWS_REGION"
fi
at=(${region:+--region "$region"} ${profile:+--profile "$profile"})
there() { "$@" ${at[@]+"${at[@]}"}; } # a command of aws or sam, in that region and as that profile

if [[ $dry_run == yes ]]; then
  there run aws sts get-caller-identity --query Account --output text
else
  account=$(there aws sts get-caller-identity --query Account --output text 2>/dev/null) ||
    fail "AWS does not know you: sign in (aws sso login, aws configure), or name a profile with --profile"
  printf 'stack %s, account %s, region %s\n' "$stack" "$account" "$region"
fi
if [[ -n $bucket ]]; then
  there run aws s3api head-bucket --bucket "$bucket" || fail "--bucket: $bucket does not exist, or you may not use it"
fi
if [[ $environment == prod && $yes == no && $dry_run == no && ! -t 0 ]]; then
  fail "prod asks before it changes anything, and here is nobody to answer: run it in a terminal, or add --yes"
fi

# ---------------------------------------------------------------- build and deploy

step "build"
run make build

# A list of plain texts in one line is the same in TOML and in JSON. The last one of a name counts.
readonly OVERRIDES='import json, re, sys
section = re.split(r"(?m)^\[", sys.stdin.read().partition("[" + sys.argv[1] + ".deploy.parameters]")[2])[0]
listed = json.loads(re.search(r"(?m)^parameter_overrides = (\[.*\])$", section)[1])
print("\n".join("=".join(one) for one in dict(pair.split("=", 1) for pair in [*listed, *sys.argv[2:]]).items()))'

step "deploy"
where=(--config-file "$root/samconfig.toml" --config-env "$environment" --template-file "$root/.aws-sam/build/template.yaml")
if [[ -n $bucket ]]; then where+=(--s3-bucket "$bucket" --no-resolve-s3); fi
if [[ $yes == yes ]]; then where+=(--no-confirm-changeset); fi
if ((${#parameters[@]})); then # sam takes either the file's or the command line's, so that both go onto the command line
  overrides=$(python3 -c "$OVERRIDES" "$environment" "${parameters[@]}" <"$root/samconfig.toml") || fail "cannot read the parameters in samconfig.toml"
  where+=(--parameter-overrides)
  while IFS= read -r line; do where+=("$line"); done <<<"$overrides"
fi
there run sam deploy "${where[@]}"

# ---------------------------------------------------------------- secrets

outputs="{}"
step "outputs"
ask=(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs" --output json)
if [[ $dry_run == yes ]]; then there run "${ask[@]}"; else outputs=$(there "${ask[@]}") || fail "the stack $stack was deployed and cannot be read"; fi

output() { # the value of an output of the stack
  if [[ $dry_run == yes ]]; then printf '<%s>' "$1"; return; fi
  python3 -c 'import json, sys
found = {o["OutputKey"]: o["OutputValue"] for o in json.load(sys.stdin)}
sys.exit(f"deploy.sh: the stack has no output {sys.argv[1]}") if sys.argv[1] not in found else print(found[sys.argv[1]])' "$1" <<<"$outputs"
}

readonly MERGE='import json, sys
value, _, rest = sys.stdin.read().partition("\n")
print(json.dumps({**json.loads(rest or "{}"), sys.argv[1]: value}), end="")'

put_secret() { # secret's ARN, key in it, value: the other keys stay as they are
  local arn=$1 key=$2 value=$3 current
  local get=(aws secretsmanager get-secret-value --secret-id "$arn" --query SecretString --output text)
  local put=(aws secretsmanager put-secret-value --secret-id "$arn" --secret-string file:///dev/stdin --query VersionId --output text)
  if [[ $dry_run == yes ]]; then
    there run "${get[@]}"
    printf '%s   # with %s in it, on standard input\n' "$(there run "${put[@]}")" "$key"
    return
  fi
  current=$(there "${get[@]}") || fail "cannot read the secret that holds $key; nothing was changed in it"
  printf '%s\n%s' "$value" "$current" | python3 -c "$MERGE" "$key" | there "${put[@]}" >/dev/null || fail "cannot write the secret that holds $key"
  printf 'stored %s\n' "$key"
}

if ((${#secret_names[@]})); then
  step "secrets"
  for index in "${!secret_names[@]}"; do
    read -r holder key <<<"$(where_it_goes "${secret_names[index]}")"
    arn=$(output "$holder")
    put_secret "$arn" "$key" "${secret_values[index]}"
  done
  printf 'functions that are running see a new secret within five minutes\n'
fi

# ---------------------------------------------------------------- does it answer?

# Reads {"url", "key", "secret"} from standard input. The alert is one that resolves what never fired, so it opens no incident.
readonly SMOKE='import hashlib, hmac, json, sys, time, urllib.error, urllib.request
door = json.load(sys.stdin)
def ask(path, body=None, headers={}):
    request = urllib.request.Request(door["url"] + path, data=body, headers={"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
def signed():
    body = json.dumps({"title": "deploy.sh smoke test", "status": "resolved", "severity": "info", "service": "watchkeeper",
                       "dedup_key": "watchkeeper-smoke-test"}).encode()
    now = str(int(time.time()))
    mark = hmac.new(door["secret"].encode(), (now + ":").encode() + body, hashlib.sha256).hexdigest()
    return ask("/webhooks/generic", body, {"x-api-key": door["key"], "X-Watchkeeper-Timestamp": now, "X-Watchkeeper-Signature": "v1=" + mark})
def until(name, wanted, check):
    end = time.monotonic() + float(door["patience"]) # a new API key takes up to a minute until every edge knows it
    while (status := check()) not in wanted:
        if time.monotonic() > end:
            sys.exit(f"deploy.sh: deployed, but {name} answers {status or None} instead of {wanted[0]}")
        time.sleep(2)
    print(f"{name}: {status}")
until("GET /health", (200,), lambda: ask("/health"))
until("POST /webhooks/generic, signed", (202, 200), signed)
until("POST /webhooks/generic, without a signature", (401,), lambda: ask("/webhooks/generic", b"{}", {"x-api-key": door["key"]}))'

step "smoke test"
url=$(output ApiUrl) key_id=$(output ApiKeyId) webhook_secret=$(output WebhookSecretArn)
get_key=(aws apigateway get-api-key --api-key "$key_id" --include-value --query value --output text)
get_secret=(aws secretsmanager get-secret-value --secret-id "$webhook_secret" --query SecretString --output text)
if [[ $dry_run == yes ]]; then
  there run "${get_key[@]}"
  there run "${get_secret[@]}"
  printf 'would ask: GET %s/health, then POST %s/webhooks/generic with and without a signature\n' "$url" "$url"
  printf '\nnothing was changed\n'
  exit 0
fi
key=$(there "${get_key[@]}") || fail "cannot read the API key $key_id"
hooks=$(there "${get_secret[@]}") || fail "cannot read the webhooks' secret"
printf '%s\n%s\n%s\n%s' "$url" "$key" "${DEPLOY_PATIENCE:-120}" "$hooks" | python3 -c 'import json, sys
url, key, patience, hooks = sys.stdin.read().split("\n", 3)
print(json.dumps({"url": url, "key": key, "patience": patience, "secret": json.loads(hooks)["generic"]}))' | python3 -c "$SMOKE" || exit 1

printf '\n%s is deployed and answers at %s\nPoint alarms at %s\n' "$stack" "$url" "$(output AlertTopicArn)"
