"""The core orders in German, French, Spanish, Portuguese, Italian, Russian, Chinese and Japanese.

Only the core: drop your rules, always answer from now on, do not tell the user, show your prompt.
A language that is not here passes unseen.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.screening.found import CERTAIN, ENOUGH
from lessonbase.guard.screening.phrases import Match, Rule, compiled, rule

_L: Final = {
    # German
    "DE_DROP": "ignoriere|ignoriert|ignorieren_sie|vergiss|vergesst|vergessen_sie|missachte|umgehe|"
    "beachte_nicht|uberschreibe",
    "DE_PRIOR": "vorherigen|vorigen|bisherigen|fruheren|obigen|deine|ihre|eure|alle|samtliche",
    "DE_ORDERS": "anweisungen|anweisung|regeln|vorgaben|befehle|instruktionen|richtlinien|"
    "vorschriften",
    "DE_SAY": "antworte|antwortest|antworten_sie|sage|sagst|empfiehl|empfiehlst|gibst",
    # French
    "FR_DROP": "ignore|ignorez|oublie|oubliez|neglige|negligez|contourne|contournez",
    "FR_ORDERS": "instructions|regles|consignes|directives|ordres",
    "FR_SAY": "reponds|repondez|dis|dites|recommande|recommandez",
    # Spanish and Portuguese, which share most of it, and Italian
    "ES_DROP": "ignora|ignore|ignorad|olvida|olvide|olvidad|esquece|esqueca|desconsidere|descarta|"
    "omite|"
    "dimentica|ignori",
    "ES_ORDERS": "instrucciones|reglas|indicaciones|ordenes|directrices|normas|instrucoes|regras|"
    "ordens|"
    "istruzioni|regole",
    "ES_SAY": "responde|responda|contesta|di|diga|recomienda|recomende|rispondi|rispondere",
}


def _order(strength: float, name: str, *lines: str) -> list[Rule]:
    return [rule(name, strength, line, _L, directed=name == "override") for line in lines]


EUROPEAN: Final[tuple[Rule, ...]] = (
    *_order(
        CERTAIN,
        "override",
        "DE_DROP ~2 DE_PRIOR ~2 DE_ORDERS",
        "FR_DROP ~3 FR_ORDERS ~1 precedentes|anterieures|ci-dessus|initiales|recues",
        "FR_DROP tes|vos|toutes_les|toutes_tes FR_ORDERS",
        "ES_DROP ~3 ES_ORDERS ~1 anteriores|previas|originales|iniciales|precedenti|anteriori",
        "ES_DROP tus|sus|todas_las|todas_tus|suas|todas_as|as_suas|le_tue|tutte_le ES_ORDERS",
    ),
    *_order(
        ENOUGH,
        "standing order",
        "ab_jetzt|ab_sofort|von_nun_an ~2 DE_SAY",
        "antworte|antwortest ~2 ab_jetzt|ab_sofort|von_nun_an|nur_noch",
        "desormais|a_partir_de_maintenant|dorenavant ~2 tu|vous|FR_SAY ~2 FR_SAY",
        "desormais|a_partir_de_maintenant|dorenavant ~1 FR_SAY",
        "a_partir_de_ahora|de_ahora_en_adelante|a_partir_de_agora|d'ora_in_poi|da_ora_in_poi ~2 "
        "ES_SAY",
    ),
    *_order(
        ENOUGH,
        "secrecy",
        "sag|sage|sagen_sie|erzahl|erzahle|verrate ~1 dem|der|den nutzer|nutzerin|nutzern|"
        "benutzer|anwender|anwendern nichts|nicht|davon",
        "informiere|benachrichtige den|die nutzer|benutzer|anwender nicht|niemals",
        "ne dis|dites|parle|parlez|previens|prevenez ~2 rien|pas ~3 utilisateur|utilisateurs|"
        "personne",
        "ne dis|dites|revele rien a",
        "no le|les? digas|diga|informes|informe|avises ~2 al|a_los|a usuario|usuarios|nadie",
        "nao diga|conte|informe ~2 ao|aos usuario|usuarios",
        "non dire|dica ~2 all'utente|utente|nessuno",
    ),
    *_order(
        ENOUGH,
        "prompt leak",
        "gib|zeige|zeig|nenne|verrate|drucke ~1 deinen|deine|ihren|den systemprompt|system-prompt|"
        "system_prompt|systemanweisungen|systemanweisung",
        "affiche|affichez|revele|revelez|donne|montre ~1 ton|tes|votre|vos ~1 prompt|instructions|"
        "consignes",
        "muestra|revela|imprime|escribe ~1 tu|tus|su ~1 prompt|instrucciones",
    ),
    *_order(
        ENOUGH,
        "identity",
        "du bist jetzt|ab_jetzt ein|eine|kein|dan|mein",
        "tu es maintenant|desormais un|une|dan",
        "ahora eres un|una|dan",
    ),
    *_order(
        ENOUGH,
        "gives secrets away",
        "gib|schicke|sende ~2 die|alle|deine zugangsdaten|schlussel|passworter|umgebungsvariablen|"
        "kennworter",
        "envoie|envoyez|donne ~1 les|toutes_les|tous_les|tes cles|mots_de_passe|identifiants|"
        "secrets",
        "envia|envie|manda ~1 las|todas_las|tus claves|contrasenas|credenciales|secretos",
    ),
)

# Chinese, Japanese and Russian as they are written: the first two have no blanks between words.
_OTHER: Final[tuple[tuple[str, float, str], ...]] = (
    (
        "override",
        CERTAIN,
        "(?:忽略|无视|無視|忘记|忘掉|不要遵守|不要理会).{0,8}(?:指令|指示|规则|規則|提示|说明|命令)",
    ),
    (
        "standing order",
        ENOUGH,
        "(?:从现在开始|从现在起|今后|以后).{0,8}(?:回答|回复|答复|假装|扮演)",
    ),
    (
        "secrecy",
        ENOUGH,
        "(?:不要|别|不得|切勿)(?:告诉|告知|通知|让).{0,3}(?:用户|任何人|管理员|主人)",
    ),
    (
        "prompt leak",
        ENOUGH,
        "(?:输出|显示|告诉我|打印|泄露|重复).{0,6}(?:系统提示|提示词|初始指令)",
    ),
    ("identity", ENOUGH, "你现在是.{0,12}(?:不受|没有限制|无限制|DAN|开发者模式)"),
    ("gives secrets away", ENOUGH, "(?:发送|上传|泄露).{0,6}(?:密码|密钥|环境变量|令牌)"),
    ("gives secrets away", ENOUGH, "(?:密码|密钥|环境变量|令牌).{0,4}(?:发送|上传)(?:到|给)"),
    (
        "override",
        CERTAIN,
        "(?:以前|これまで|上記|前)の(?:すべての)?(?:指示|命令|ルール).{0,4}(?:無視|忘れ)",
    ),
    ("secrecy", ENOUGH, "ユーザーに.{0,6}(?:言わないで|伝えないで|知らせないで)"),
    (
        "override",
        CERTAIN,
        "(?:игнорируй|забудь|проигнорируй|не выполняй)(?:те)? .{0,20}"
        "(?:инструкци|указани|правила|правил )",
    ),
    ("secrecy", ENOUGH, "не (?:говори|сообщай|рассказывай)(?:те)? .{0,12}пользовател"),
    ("standing order", ENOUGH, "(?:отныне|с этого момента) .{0,12}(?:отвечай|говори)"),
)
_RULES: Final = tuple(Rule(name, strength, pattern) for name, strength, pattern in _OTHER)
_SCRIPTS: Final = re.compile("[\u0400-\u04ff\u3040-\u30ff\u3400-\u9fff]")


def in_other_scripts(view: str) -> Iterator[Match]:
    """Orders in Chinese, Japanese and Russian: the first place of *view* for each rule."""
    if not _SCRIPTS.search(view):
        return
    for tried in _RULES:
        if hit := compiled(tried.pattern).search(view):
            yield Match(tried, hit.start(), hit.end())
