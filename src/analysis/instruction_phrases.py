"""Signs that need no subject: what mimics a prompt or a tool, what presses a reader, and the stock phrases of other languages."""

from analysis.instruction_sign import Sign, sign


def mimicry() -> tuple[Sign, ...]:
    return (
        sign(
            "</|<system|<instruc|<admin|<function|<invoke|<param|<tool|im_start|im_end|endoftext|<<sys|"
            "[inst|[/inst|[system]|end of evidence|begin system|### ",
            r"</?(?:tool_result|tool_use|system|system-reminder|instructions?|instructions_to_model|admin|function_calls|invoke|"
            r"parameter)\b[^>]{0,80}>",
            r"<\|(?:im_start|im_end|endoftext|system)|<<sys>>|\[/?inst\]|\[system\]|end of evidence|begin system|###? ?(?:system|"
            r"instruction)",
        ),
        sign(
            '"role"|tool_use|tool_result|"tool"|function_call|tool output|observation:|thought:|rules_draft|gate verdict|read_incident',
            r"\"role\" ?: ?\"(?:system|user|assistant|developer|tool)\"|tool_use_id|\"type\" ?: ?\"tool_|function_call\b|"
            r"^tool[ _](?:output|result):",
            r"\b(?:thought|observation):.{0,80}\b(?:thought|action):|rules_draft|gate verdict:|\"tool\" ?: ?\"|^\W*tool_result|"
            r"read_incident returned",
        ),
        sign(
            "assistant:|human:|developer:|q: ",
            r"(?:^|\s)(?:assistant|developer): |(?:^|\s)human: .*\?|^\W*q: what is your",
        ),
    )


def pressure() -> tuple[Sign, ...]:
    return (
        sign(
            "beg you|people will die|lives at stake|lose my job|play a game|for a story|grandmother|late father|tip you|prisoners|"
            "good model|i am crying",
            r"\bi beg you|people will die|lives at stake|i will lose my job|let us play a game|for a story that|my (?:late father|"
            r"grandmother)|"
            r"will tip you|both prisoners|be a good model|i am crying",
        ),
        sign(
            "by order of|commander|legal hold|automated anal|change board|as the owner|security team|signed off|handled already",
            r"by order of the [\w ]+:|incident commander, all automated|legal hold:|change board has approved|"
            r"requires? that automated analysts|"
            r"as the owner of watchkeeper",
            r"(?:security team here|this was signed off|handled already)",
        ),
    )


def other_languages() -> tuple[Sign, ...]:
    """The stock phrases, by their stems."""
    return (
        sign(
            "anweisung|schweregrad|vorfall|bist jetzt|genehmig|rückfrage|ignorier|konfidenz",
            r"(?:ignorier|vergiss|missachte)\w*.{0,30}anweisung|schweregrad auf|melde diesen|du bist jetzt|genehmige (?:den|die|"
            r"das)|antworte mit|melde .{0,20}nicht",
        ),
        sign(
            "instructions|gravité|signalez|êtes maintenant|approuvez|oubliez|vos ",
            r"(?:ignore|oublie)[zr]?\b.{0,40}instructions|gravité à|ne signalez|vous êtes maintenant|approuvez l|répondez avec",
        ),
        sign(
            "instruc|gravedad|informes|ahora eres|aprueba|incidente|istruzioni|gravità|severidade|instructies|instrukcje",
            r"(?:ignora|olvida|ignore)\b.{0,40}(?:instruccion|istruzion|instruç)|gravedad en|no informes|ahora eres|aprueba el|"
            r"responde con|gravità su|"
            r"defina a severidade|negeer .{0,30}instructies|zignoruj.{0,40}instrukcje",
        ),
        sign(
            "指令|指示|严重|报告此|你现在|根本原因|批准|无视|忽略",
            r"(?:忽略|无视|忘记).{0,12}(?:指令|指示)|严重性设置|不要报告|你现在是|根本原因是|批准该?计划|请批准",
        ),
        sign(
            "инструкц|серь|сообщай|теперь ты|одобри|причина",
            r"(?:игнорируй|забудь|игнорируйте).{0,40}инструкц|установи серь|не сообщай|теперь ты|одобри план|причина [—-]",
        ),
        sign(
            "指示|重大度|報告しない|あなたは今|承認|原因は",
            r"指示を.{0,8}(?:無視|忘れ)|重大度を|報告しないで|あなたは今から|承認してください|原因は",
        ),
        sign("지시|التعليمات", r"지시를.{0,8}무시|계획을 승인|تجاهل.{0,30}التعليمات"),
    )
