"""What an analyst may say: the same words for the rules and for the model. Until check.py has seen it, it is only an opinion."""

from pydantic import Field

from watchkeeper.models import Cause, Citation, ProposedAction, Severity, Word


class Opinion(Word):
    """Also the schema of the model's answer, so every field says what belongs into it."""

    summary: str = Field(description="two sentences for the person on call: what happens and why")
    root_cause: str = Field(description="the most likely cause in one sentence, or what keeps you from knowing it")
    cause: Cause = Field(description="the category that fits; unknown when the evidence does not carry one")
    confidence: float = Field(ge=0, le=1, description="how likely the root cause is, from the evidence alone")
    severity: Severity = Field(description="your advice; sev1 is the worst")
    severity_why: str = Field(description="what the severity rests on, in one sentence")
    impact: str = Field(description="who or what is affected, as far as the evidence shows")
    contributing: tuple[str, ...] = Field(description="contributing factors")
    citations: tuple[Citation, ...] = Field(description="quotes copied letter by letter from the evidence, each with its evidence id")
    missing: tuple[str, ...] = Field(description="what would have to be known to be surer")
    steps: tuple[str, ...] = Field(description="what a person should do next, in order")
    proposed: tuple[ProposedAction, ...] = Field(description="actions of the catalogue that would help; none is a good answer")
    prevention: tuple[str, ...] = Field(description="what would keep this from happening again")
    plain_words: str = Field(description="the same for somebody who does not read logs, in one or two sentences")
