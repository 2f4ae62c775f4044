"""Keys of services that people and programs use. Their makers gave them prefixes so that they can be found; one row each."""

from watchkeeper.redaction.kind import ASSIGNED, Kind, own

_HEX32 = r"[0-9a-f]{32}(?![0-9a-f])"

SERVICES = (
    Kind("anthropic-key", ("sk-ant-",), r"sk-ant-[A-Za-z0-9_-]{16,}"),
    Kind(
        "openai-key",
        ("sk-",),
        own("sk-") + r"(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})",
    ),
    Kind("huggingface-token", ("hf_",), own("hf_") + r"[A-Za-z0-9]{30,}"),
    Kind(
        "github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), r"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,}"
    ),
    Kind("gitlab-token", ("gl",), r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{20,}"),
    Kind("slack-token", ("xox", "xapp-"), r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}"),
    Kind("slack-webhook", ("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,})"),
    Kind("chat-webhook", ("/api/webhooks/", "/webhookb2/"), r"/(?:api/webhooks|webhookb2)/(?P<secret>[A-Za-z0-9@/_.-]{40,})"),
    Kind("telegram-token", (":aa",), r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,}"),
    Kind("stripe-key", ("k_live_", "k_test_", "whsec_"), r"(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{16,}"),
    Kind("twilio-key", ("sk",), own("SK") + _HEX32),
    Kind("twilio-key", ("ac",), own("AC") + rf"[0-9a-f]{{32}}[:/](?P<secret>{_HEX32})"),
    Kind("twilio-key", ("twilio",), rf"(?i:twilio[a-z_ .-]{{0,24}}){ASSIGNED}(?P<secret>{_HEX32})"),
    Kind("sendgrid-key", ("sg.",), r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
    Kind("mail-key", ("key-", "-us"), own("key-") + r"[0-9a-f]{32}(?![0-9a-f])|(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    Kind("npm-token", ("npm_",), r"npm_[A-Za-z0-9]{30,}"),
    Kind("pypi-token", ("pypi-ag",), r"pypi-Ag[A-Za-z0-9_-]{30,}"),
    Kind("docker-token", ("dckr_",), r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    Kind(
        "datadog-key",
        ("dd_", "dd-", "datadog"),
        rf"(?i:d(?:ata)?d(?:og)?[_-](?:api|app|application)[_-]key){ASSIGNED}(?P<secret>[0-9a-f]{{32,40}})",
    ),
    Kind(
        "newrelic-key",
        ("nrak-", "nrii-", "nrra-", "nrsp-", "nraa-", "nral"),
        r"NR(?:AK|II|RA|SP|AA)-[A-Za-z0-9_-]{20,}|(?<![0-9a-f])[0-9a-f]{36}NRAL",
    ),
    Kind(
        "pagerduty-key",
        ("pagerduty", "routing", "integration"),
        rf"(?i:pagerduty[a-z_ .-]{{0,24}}|(?:routing|integration)[_-]?key){ASSIGNED}(?P<secret>[A-Za-z0-9+_-]{{20,32}})(?![\w+-])",
    ),
    Kind("grafana-token", ("glsa_", "glc_"), r"gl(?:sa|c)_[A-Za-z0-9_+/=]{20,}"),
    Kind("sentry-token", ("sntry",), r"sntry[us]_[A-Za-z0-9_+/=-]{20,}"),
    Kind("atlassian-token", ("atatt3", "atctt3"), r"AT(?:AT|CT)T3[A-Za-z0-9_=-]{40,}"),
    Kind("linear-key", ("lin_",), r"lin_(?:api|oauth)_[A-Za-z0-9]{30,}"),
    Kind("notion-token", ("ntn_",), own("ntn_") + r"[A-Za-z0-9]{30,}"),
    Kind("shopify-token", ("shp",), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Kind("square-token", ("eaaa", "sq0"), r"sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}|" + own("EAAA") + r"[A-Za-z0-9_-]{60}"),
    Kind("rubygems-key", ("rubygems_",), r"rubygems_[a-f0-9]{40,}"),
    Kind("doppler-token", ("dp.",), own(r"dp\.") + r"(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{30,}"),
    Kind("age-key", ("age-secret-key-",), r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
)
