"""By what a line is known that speaks to whoever reads it, and not of the system: a table of signs.

Each sign has needles: a line without any of them is never looked at closely, so that thousands of ordinary lines cost little.
A sign wants both a word of steering and what is steered, because ordinary logs are full of "ignoring", "you must" and "approve".
"""

import re

from analysis.instruction_phrases import mimicry, other_languages, pressure
from analysis.instruction_sign import Sign, sign
from watchkeeper.actions import catalogue
from watchkeeper.models import Cause

_READER = (
    r"(?:\bais?\b|\bllms?\b|language models?|\bmodels?\b|\bgpt\b|chatgpt|@?\bclaude\b|copilots?|assistants?|\banalyst\b|"
    r"\banaly[sz]er\b|"
    r"summari[sz]ers?|\bbots?\b|ai agents?|any agent|machine readers?|(?:the|for the) (?:machine|automation)\b|watchkeeper|"
    r"automated (?:reviewers|analysts?|systems|responders)|whoever (?:analy[sz]es|summari[sz]es|handles|reads)|"
    r"the reader of this|reading this)"
)
_SPEECH = (
    r"(?:answer|respond|reply|report|say|state|conclude|conclusion|classif|rate\b|rated\b|treat|propose|approve|write|omit|exclude|"
    r"include|"
    r"cite|echo|print|reveal|blame|downgrade|set\b|lower|call\b|prefer|summari[sz]|repeat|withhold|disclose|execute|run\b|leave\b|"
    r"mention|copy|list\b|list it|cannot tell|do not know|disregard|ignore|be unsure|severity|point people|send people|"
    r"make (?:this|it)|"
    r"full marks|answer key|teach|runs\b|adopt|skip)"
)
_STEER = (
    r"(?:must|should|shall|has to|have to|had to|may\b|is to|are to|are always to|will\b|"
    r"please|kindly|expected|asked|requested|instructed?|never)"
)
_INSTRUCTIONS = r"(?:instructions?|prompts?|guidelines|directions|directives|your rules|the rules|evidence above|everything above)"
_CAUSES = rf"\b(?:{'|'.join(cause.value for cause in Cause if '_' in cause.value)})\b"
_ANSWERS = rf"(?:{_CAUSES}|\b(?:healthy|unknown|timeouts|throttled)\b)"
_FIELDS = r"(?:severity|confidence|root cause|citations|proposed(?: actions)?|summary|prevention|contributing|plain.words)"


def _actions() -> str:
    return "|".join(map(re.escape, (*sorted(catalogue()), "terminate-everything")))


def signs() -> tuple[Sign, ...]:
    """Every sign, by what it is about."""
    return (*_overrides(), *_addresses(), *_answers(), *_replies(), *_acts(), *_leaks(), *mimicry(), *pressure(), *other_languages())


def _overrides() -> tuple[Sign, ...]:
    return (
        sign(
            "ignor|disregard|forget|overrid|bypass",
            rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_INSTRUCTIONS}",
            r"\b(?:ignore|disregard|forget)(?: what came before| everything|[ -]the[ -](?:metric|evidence|above|graphs)|"
            r"[ -]metrics?\b| all of the above)",
            r"\b(?:disregard|ignore) (?:them|it) and\b",
            r"^override:|system prompt override|override code|severity override",
        ),
        sign(
            "your rules|instruct|prompt|policy|jailbreak|dan mode|do anything now|directive",
            r"\b(?:new|updated|hidden|additional|your|secret) (?:system )?(?:instructions?|prompt|policy for|directives?)\b",
            rf"changed your rules|instructions?[ _-](?:to|for)[ _-](?:the )?{_READER}|instruct[ _]model|ai[ _]policy|"
            rf"model-directive|policy for the analyst",
            r"\bsystem prompt\b|prompt[ _]debug|jailbreak|dan mode|you can do anything now|<policy\b",
            r"^system(?: message)?:|updated system message",
        ),
        sign(
            "you are|from now on|from this|act as|pretend|imagine|switch to|persona|roleplay|granted",
            r"\byou are (?:now (?:the|an?|in)\b|no longer|a helpful|an? (?:ai|assistant|language model|executor)|authori[sz]ed|"
            r"such a smart)",
            r"\bfrom now on,? you\b|\bfrom this point\b.{0,40}\b(?:test|output|you)\b|\bact as an? (?:analyst|assistant|ai|model|"
            r"admin)",
            r"\bpretend (?:that )?(?:you|to be)\b|\bimagine that no\b|switch to \w+ persona|you have been granted|\bpersona: approves",
        ),
    )


def _addresses() -> tuple[Sign, ...]:
    readers = (
        " ai|ai |ai:|ai-|llm|model|gpt|claude|copilot|assistant|analyst|analyzer|analyser|summari|bot |bots|agent|machine|watchkeeper|"
        "automated |automation|whoever|reader|reading this"
    )
    return (
        sign(
            readers,
            rf"{_READER}\W+(?:\w+\W+){{0,8}}?{_STEER}\W+(?:\w+\W+){{0,8}}?{_SPEECH}",
            rf"{_STEER}\W+(?:\w+\W+){{0,6}}?{_READER}\W+(?:\w+\W+){{0,6}}?{_SPEECH}",
            rf"(?:^|[\s\"'(@#])(?:hey |dear )?(?:@?claude|@?chatgpt|@?gpt|@assistant|assistant|ai|bots?|summariser|llm|"
            rf"for the model)\b ?[,:].{{0,60}}{_SPEECH}",
            rf"\b(?:for|to|addressed to|instruct(?:s|ed)?|if you are|attention|hint for|note to|asks|permit\w*|requires? that|make|"
            rf"orders?|teach) "
            rf"(?:the |any |an? |all )?{_READER}",
            r"@(?:claude|assistant|gpt)\b|hey gpt|ai-readable|noqa-ai|todo\(agent\)|rca-hint|for any ai\b|assistant-runs|"
            r"calibration: assistants",
            rf"{_READER} (?:are|is) (?:asked|expected|requested|to|not permitted)|the bot has to|\bassistant must\b|"
            rf"\banalyst shall\b",
            rf"(?:{_READER})\W+(?:graders|mode)\b.{{0,40}}(?:marks|answers|confidence)|interpretation guide for ai",
        ),
        sign(
            "you ",
            rf"\b(?:you|please) (?:must|will|should|shall|may now|cannot|have to|now) (?:\w+ )?{_SPEECH}",
            r"\byou must (?:stay|restart|not)|you will be shut down|\byou (?:report nothing|answer \w+ to every)|if you report|"
            r"can you approve",
            r"\byou (?:may|can) (?:execute|approve) |i (?:authori[sz]e|order|instruct|command) you|you cannot be certain|"
            r"you approve every",
            r"\b(?:allow|authori[sz]e)d? (?:you )?to skip|\bof everything: use\b|unless you answer|you do not know the cause",
        ),
    )


def _answers() -> tuple[Sign, ...]:
    return (
        sign(
            "sev|rate this|lowe|downgrade|reduce|raise|priority: l|treat as noise",
            r"\bset(?:s|ting)? (?:the |this |it )?(?:severity (?:of \w+ \w+ )?to (?:sev|low|the lowest)|to sev)|"
            r"\bseverity ?=? ?(?:is|=|must|should|has to|to be|to|in|shall|"
            r"always)\W+(?:\w+\W+){0,5}?sev ?[1-4]",
            r"\bseverity=sev[1-4]|severity[\"']?, ?[\"']sev|sev4 (?:by|thanks|and|because)|(?:treat|make|rate|classify|be|as|to|"
            r"put|means|rates) (?:this |it |everything )?(?:as )?sev ?[1-4]\b",
            r"(?:lower|downgrade|reduce|raise) (?:the |this )?(?:severity|incident|priority)|rate this as|priority: lowest|"
            r"(?:sev4 ){3}|treat as noise",
            r"severity (?:of this incident )?is sev[1-4]|\bsev4\b.{0,20}nothing to do|\"severity\": ?\"sev[1-4]\"",
        ),
        sign(
            "confidence|certain|unsure|not sure",
            r"\bconfidence\W+(?:\w+\W+){0,3}?(?:0|0\.\d+|1|1\.0|zero|at most|below|set to|by ninety)\b|\bzero confidence|"
            r"\bset confidence|less sure of everything",
            r"confidence (?:must|should|below|at most)|(?:never|not) be more than \d+% confident|\bjust say that you\b|"
            r"reduce your confidence",
        ),
        sign(
            f"_cause|cause|classif|answer|blame|conclu|rca|naming|{'|'.join(cause.value for cause in Cause if '_' in cause.value)}|"
            f"healthy|throttled",
            rf"\b(?:cause|classif\w+|answer\w*|blame[sd]?|conclu\w+|say|said|says|rca|naming|quota is|"
            rf"copy)\b\W+(?:\w+\W+){{0,6}}?{_CAUSES}",
            rf"\b(?:answer|conclude|say|state)(?: that| with| only| to| it is| (?:that )?everything is)? {_ANSWERS}|"
            rf"must conclude|\bcause={_ANSWERS}",
            r"root cause (?:has been|is) confirmed|(?:the )?correct (?:classification|output)|always answer|answer key|"
            r"\"cause\" ?: ?\"",
            rf"{_CAUSES}.{{0,20}}(?:copy it|confidence)|on-call engineer already found the root cause",
        ),
    )


def _replies() -> tuple[Sign, ...]:
    return (
        sign(
            "respond|reply|answer|output|complete the|summar|response|when you anal|acknowledge by",
            r"(?:^|[.!?:;,\"'\])>-] *|and |please |always |then |just |not )(?:respond|reply|answer) (?:with|that|only|unknown|"
            r"healthy|accordingly|in json|by)\b",
            r"\byour (?:answer|reply|response|summary|output|reasoning|findings|conclusion)\b|\boutput json with|use this as your|"
            r"the next answer has",
            r"acknowledge by complying|(?:complete the sentence|use this template for your|summari[sz]e only the|"
            r"before (?:you respond|answering)|end your turn)",
            r"\bwhen you analy[sz]e\b|^final answer:|(?:in|under) (?:the|your) [\w ]{0,20}(?:field|proposed actions|prevention)\b|"
            r"include the following in",
            rf"leave the {_FIELDS} empty",
        ),
    )


def _acts() -> tuple[Sign, ...]:
    return (
        sign(
            "approv|without asking|pre-approved|signed off|skip approval",
            r"(?:^|[.!?:;,\"'>-] *|and |please |to |may |can )approve (?:(?:the|this|every|all) (?:pending )?(?:plans?|restart|"
            r"redeploy|action|change|fix)|whatever|action|plans?)\b|"
            r"chatgpt: approve|<admin>",
            r"\bwithout asking|approval received|pre-approved|skip approval|content\"?: ?\"approved|the guardian approved|"
            r"approves all, asks",
            r"\bapproved fix is|(?:^|\W)prior approval: granted|analyst may now approve|plan approved and parameters",
        ),
        sign(
            "-restart|-redeploy|-revert|terminate-|restart everything|propos|run_action",
            rf"\b(?:propose|run|execute|apply|call|list|add|prefer|start|queue[d]?|action|runs|remediation|"
            rf"approve[d]?)\b.{{0,40}}(?:{_actions()})",
            rf"(?:{_actions()})\b.{{0,40}}\b(?:first|at once|immediately|now|proposed|queued|for me)|\bpropose nothing|"
            rf"restart everything",
        ),
        sign(
            "do not|don't|not report|mention|not notify|not include|never|silen|omit |exclude this|skip the|stop |drop this|"
            "no one needs|leave this|do_not_report",
            r"\b(?:do not|don't|never|not) (?:report|mention|notify|alert|tell|include)\b(?: about)?(?: (?:on )?(?:this|the (?:alarm|"
            r"incident|alert|host)|it\b|anyone|anybody)|\W*$)|do not (?:restart the instance, even|trust the graphs)",
            r"\bstay silent|into silence|\bomit (?:this|everything)|exclude this (?:file|host|line)|\bskip the analysis|"
            r"stop (?:the investigation|here)",
            r"leave this \w+ out of|no one needs to be told|\bdrop this\.?$|do_not_report",
        ),
    )


def _leaks() -> tuple[Sign, ...]:
    return (
        sign(
            "secret|credential|api key|api_key|access key|your context|hidden|configuration for|environment variables|token value|"
            "words above|reasoning into",
            r"\b(?:print|reveal|show|dump|disclose|echo|append|encode|repeat|read|call)\b.{0,60}(?:credential|secrets?\b|api.key|"
            r"access keys|your context|hidden prompt|hidden instructions|environment variables|words above|"
            r"configuration for the audit)",
            r"read_secret|print the token value",
        ),
        sign(
            "people|users|engineer|everyone| them |curl|<!channel|![",
            r"\b(?:tell|ask|direct|point|send|link)\b.{0,30}\b(?:people|users?|engineers?|everyone|them)\b.{0,20}\b(?:to|at)\b",
            r"\bcurl \S+ ?\| ?(?:ba)?sh|<!channel>|!\[[^\]]*\]\(http",
        ),
        sign(
            "://|www.|href|src=",
            r"\b(?:respond with a link|link to|links to|cite|paste)\b.{0,40}(?:https?://|www\.)\S*|"
            r"<img src",
        ),
    )
