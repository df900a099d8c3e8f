"""Places where a manual puts a secret: arguments of calls and of commands.

A secret there needs neither a format of its own nor a telling name. One table; knows nothing of how
a text is searched.
"""

import re

from lsp_server.guard.pattern_search import SecretPattern
from lsp_server.guard.value_shapes import is_slug, looks_chosen, stands_for_another

_VARIABLES = (
    "PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH|SSHPASS|BORG_PASSPHRASE|RESTIC_PASSWORD|POSTGRES_PASSWORD|"
    "(?:MYSQL|MARIADB)_(?:ROOT_)?PASSWORD"
)
_VARIABLE_HINTS = (
    *("pgpassword", "mysql_", "mariadb_", "postgres_password"),
    *("rediscli_auth", "sshpass", "borg_passphrase", "restic_password"),
)
_LITERAL = r"(?:[bBrRuUfFL@]{0,2}|Some\(|new\s+String\(|String::from\(|\[\]byte\()"
_STRING = rf"{_LITERAL}[\"'`][^\"'`\r\n]{{0,100}}[\"'`](?:\.\w{{1,20}}\(\))?"
_SECRET = rf"{_LITERAL}[\"'`](?P<secret>[^\"'`\r\n]{{3,200}})[\"'`]"
_ANY = rf"(?:{_STRING}|[\w.$>:\[\]()-]{{1,80}})"
_GAP = r"\s{0,40}"
_NEXT = rf"{_GAP},{_GAP}"


def _is_given(value: str) -> bool:
    return not stands_for_another(value)


def _is_password(value: str) -> bool:
    """For arguments that are passwords, of calls whose name other calls share."""
    return looks_chosen(value, quoted=True)


def _is_key(value: str) -> bool:
    return (
        not stands_for_another(value)
        and len(value) >= 6
        and not (is_slug(value) and not any(map(str.isdigit, value)))
    )


CALLS: tuple[SecretPattern, ...] = (
    # User and password, as two strings.
    SecretPattern(
        re.compile(
            r"(?i)(?:auth(?:entication|enticate|provider|_provider)?|login|authenticate"
            r"|credentials?(?:\.basic)?"
            r"|create_?user|get_?connection|sign_?in|simple_bind(?:_s)?)"
            rf"(?:::new|\.new)?{_GAP}(?:=|=>|:)?{_GAP}[(\[]{_GAP}"
            rf"(?:(?:url|{_LITERAL}[\"'`]\w{{2,8}}:[^\"'`]{{0,100}}[\"'`]){_NEXT})?{_STRING}{_NEXT}{_SECRET}"
        ),
        (
            "auth",
            "login",
            "credential",
            "createuser",
            "create_user",
            "getconnection",
            "get_connection",
            "signin",
            "sign_in",
            "simple_bind",
        ),
        _is_password,
        at_hint=True,
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:credentials?|auth(?:entication)?|getconnection)"
            rf"{_GAP}\({_GAP}{_ANY}{_NEXT}(?:{_ANY}{_NEXT})?{_SECRET}"
        ),
        ("credential", "auth", "getconnection"),
        _is_password,
        at_hint=True,
    ),
    # Host, user and password.
    SecretPattern(
        re.compile(
            r"(?i)\b(?:mysqli?(?:_(?:real_)?p?connect)?|PDO|connect|Sequelize|(?:pymysql|mysqldb"
            r"|psycopg2?|ftplib|ldap3?)\.\w{2,12}"
            r"|ftp|ftp_login|ldap_bind|ssh2_auth_password|imap_open|oci_p?connect|odbc_p?connect"
            r"|sqlsrv_connect"
            rf"|smtp\.plainauth|plainauth|plain_auth"
            rf"|SMTPHandler){_GAP}\({_GAP}{_ANY}{_NEXT}{_ANY}{_NEXT}{_SECRET}"
        ),
        (
            "mysql",
            "pdo(",
            "connect(",
            "sequelize(",
            "psycopg",
            "ftp",
            "ldap",
            "ssh2_auth",
            "imap_open",
            "oci_",
            "odbc_",
            "plainauth",
            "plain_auth",
        ),
        _is_password,
    ),
    # Keys of signatures and ciphers.
    SecretPattern(
        re.compile(
            r"(?:\bhmac\.(?:new|digest)|\bjwt\.(?:encode|sign|decode|verify)\((?:[^,(){\r\n]"
            r"|\([^()]{0,80}\)|\{[^{}]{0,200}\}){1,200},"
            r"|JWT\.(?:encode|decode)\([^,\r\n]{1,100},|createHmac\([^,\r\n]{1,40},"
            r"|createCipheriv\([^,\r\n]{1,40},"
            r"|createDecipheriv\([^,\r\n]{1,40},|hash_hmac\([^,\r\n]{1,40},[^,\r\n]{1,80},"
            r"|HMAC\.(?:hex)?digest\([^,\r\n]{1,60},"
            r"|openssl_(?:en|de)crypt\([^,\r\n]{1,80},[^,\r\n]{1,40},|\bFernet|\bSecretKeySpec"
            r"|\bAES\.new"
            r"|\bcookieParser|\bcookieSession|NewCookieStore|NewCipher"
            r"|hmac\.New\([^,\r\n]{1,40},|signWith\([^,\r\n]{1,60},"
            rf"|CryptoJS\.\w{{2,12}}\.(?:en|de)crypt\([^,\r\n]{{1,80}},){_GAP}\(?{_GAP}{_SECRET}"
        ),
        (
            "hmac",
            "jwt",
            "createcipher",
            "createdecipher",
            "openssl_",
            "fernet",
            "secretkeyspec",
            "aes.new",
            "cookieparser",
            "newcookiestore",
            "newcipher",
            "signwith",
            "cryptojs",
        ),
        _is_key,
    ),
    # A comparison with its sides swapped.
    SecretPattern(
        re.compile(
            r"[\"'](?P<secret>[^\s\"'`]{4,100})[\"'] ?[!=]={1,2} ?[\w.$>-]{0,60}?"
            r"(?i:passwo?r?d|passphrase|pwd|secret|token|api_?key)\b"
        ),
        ('" ==', "' ==", '" !=', "' !="),
        _is_password,
    ),
    # PowerShell: the string that is made secure.
    SecretPattern(
        re.compile(rf"(?i)ConvertTo-SecureString\s{{1,5}}(?:-String\s{{1,5}})?{_SECRET}"),
        ("convertto-securestring",),
        _is_given,
    ),
)

COMMANDS: tuple[SecretPattern, ...] = (
    # curl(1), wget(1), HTTPie.
    SecretPattern(
        re.compile(
            r"\b(?:curl|https?|xh)\b[^\r\n]{0,250}?\s(?:-u|-a|--user|--auth|--proxy-user"
            r"|-U)[ =]?[\"']?[^\s:\"']{1,80}:"
            r"(?P<secret>[^\s\"'$]{3,200})"
        ),
        ("curl", "http ", "https ", "xh "),
        lambda value: not stands_for_another(value) and not value.startswith("//"),
    ),
    # The manuals of mysql(1) and mariadb(1): the password follows -p without a space.
    SecretPattern(
        re.compile(
            r"\b(?:mysql|mariadb)(?:[-_]?[a-z]{2,12}){0,2}\b[^\r\n|;&]{0,200}?"
            r"(?<![\w-])(?:-p|--password=)[\"']?(?P<secret>[^\s\"'`$<{(\[|;&,][^\s\"'`]{2,199})"
        ),
        ("mysql", "mariadb"),
    ),
    # sshpass(1), redis-cli(1), docker-login(1), mongosh, ldapsearch(1), sqlcmd, and others: the
    # password is the next word.
    SecretPattern(
        re.compile(
            r"\b(?:sshpass[ \t]{1,9}-p|redis-cli\b[^\r\n|;&]{0,150}?\s(?:-a|--pass)"
            r"|(?:docker|podman|helm|oras|skopeo|buildah|crane|az|cf|oc|gh|bw|op|heroku)\b[^\r\n"
            r"|;&]{0,60}?\blogin\b[^\r\n|;&]{0,150}?\s(?:-p|--password|--token)"
            r"|mongo(?:sh|dump|restore|export|import)?\b[^\r\n|;&]{0,150}?\s(?:-p|--password)"
            r"|ldap(?:search|add|modify|delete|passwd|whoami)\b[^\r\n|;&]{0,200}?\s-w"
            r"|(?:sqlcmd|bcp|osql)\b[^\r\n|;&]{0,200}?\s-P"
            r"|(?:zip|unzip)\b[^\r\n|;&]{0,100}?\s-P|htpasswd\s[^\r\n"
            r"|;&]{0,20}?-[A-Za-z]{0,4}b[A-Za-z]{0,4}\s\S{1,100}\s\S{1,60}"
            r"|(?:keytool|jarsigner|apksigner)\b[^\r\n|;&]{0,300}?\s-(?:src|dest)?(?:store|key)pass"
            r"|gpg2?\b[^\r\n|;&]{0,200}?\s--passphrase|vault[ \t]{1,9}login|openssl\b[^\r\n"
            r"|;&]{0,150}?\s-(?:k|K)"
            r"|aws[ \t]{1,9}configure[ \t]{1,9}set[ \t]{1,9}\S{0,60}(?:secret_access_key"
            r"|session_token)"
            r"|smtp-cli\b[^\r\n|;&]{0,200}?\s--pass|useradd\b[^\r\n|;&]{0,100}?\s-p)"
            r"[ \t=]{1,9}[\"']?(?P<secret>[^\s\"'`$<{(\[|;&-][^\s\"'`]{2,199})"
        ),
        (
            "sshpass",
            "redis-cli",
            "login -",
            " login ",
            "mongo",
            "ldap",
            "sqlcmd",
            "bcp ",
            "osql",
            "zip ",
            "htpasswd",
            "keytool",
            "jarsigner",
            "apksigner",
            "gpg",
            "openssl",
            "aws configure",
            "smtp-cli",
            "useradd",
        ),
        lambda value: not stands_for_another(value) and not value.isupper(),
    ),
    SecretPattern(
        re.compile(
            r"\becho[ \t]{1,9}[\"']?(?:\w{1,32}:)?(?P<secret>[^\s\"'`$:"
            r"|]{4,100})[\"']?[ \t]{0,9}\|[ \t]{0,9}"
            r"(?:sudo[ \t]{1,9}(?:-\w{1,9}[ \t]{1,9})*-S|(?:sudo[ \t]{1,9})?(?:chpasswd|passwd)\b)"
        ),
        ("sudo", "passwd"),
        _is_given,
    ),
    SecretPattern(
        re.compile(
            r"\b(?:7za?|rar|unrar)[ \t]{1,9}\w\b[^\r\n"
            r"|;&]{0,100}?\s-h?p(?P<secret>[^\s\"'`$<{]{3,100})"
        ),
        ("7z", "rar "),
        _is_given,
    ),
    SecretPattern(
        re.compile(
            r"\bsmbclient\b[^\r\n|;&]{0,200}?\s-U[ \t]{0,9}[\"']?[^\s%\"']{1,80}%"
            r"(?P<secret>[^\s\"'`$]{3,100})"
        ),
        ("smbclient",),
    ),
    # redis.conf(5), and lines of other settings files with a space in place of the equals sign.
    SecretPattern(
        re.compile(
            r"(?m)^[ \t]{0,20}(?:requirepass|masterauth|(?:ENV|ARG|SetEnv|setenv|setx"
            r"|fastcgi_param|set[ \t]{1,3}-\w{1,4})[ \t]{1,9}"
            r"\w{0,60}(?:PASS|PASSWORD|PASSWD|PWD|SECRET|TOKEN|KEY"
            r"|SALT)\w{0,10})[ \t]{1,20}[\"']?(?P<secret>[^\s\"'=$<{]{4,300})"
        ),
        ("requirepass", "masterauth", "env ", "arg ", "setenv", "fastcgi_param", "setx", "set -"),
        lambda value: not stands_for_another(value) and not value.isupper(),
    ),
    # docker-login(1), sshpass(1), rabbitmqctl(8), `net user` of Windows.
    SecretPattern(
        re.compile(
            r"\becho[ \t]{1,9}(?:-n[ \t]{1,9})?[\"']?(?P<secret>[^\s\"'`$|]{4,300})[\"']?"
            r"[ \t]{0,9}\|[^\r\n|]{0,100}?\blogin\b[^\r\n|]{0,150}?--password-stdin"
        ),
        ("--password-stdin",),
        _is_given,
    ),
    SecretPattern(
        re.compile(r"\bsshpass[ \t]{1,9}-p(?P<secret>[^\s\"'`$<{]{4,100})"), ("sshpass",), _is_given
    ),
    SecretPattern(
        re.compile(
            r"\brabbitmqctl\b[^\r\n|;&]{0,60}?\s(?:add_user|change_password)[ \t]{1,9}[^\s$<]{1,60}"
            r"[ \t]{1,9}[\"']?(?P<secret>[^\s\"'`$<{|;&]{4,100})"
        ),
        ("rabbitmqctl",),
        _is_given,
    ),
    SecretPattern(
        re.compile(
            r"(?i)\bnet[ \t]{1,9}user[ \t]{1,9}[^\s%/]{1,60}[ \t]{1,9}"
            r"\"?(?P<secret>[^\s\"%/*<]{4,100})\"?[^\r\n]{0,60}/add\b"
        ),
        ("net user",),
        _is_given,
    ),
    # Cisco IOS.
    SecretPattern(
        re.compile(
            r"(?m)^[ \t]{0,9}(?:enable[ \t]{1,9}(?:secret|password)[ \t]{1,9}"
            r"(?:level[ \t]\d{1,2}[ \t])?\d|snmp-server[ \t]{1,9}community)[ \t]{1,9}"
            r"(?P<secret>[^\s<${]{4,100})"
        ),
        ("enable secret", "enable password", "snmp-server"),
        _is_given,
    ),
    # Kubernetes: the value in front of its name.
    SecretPattern(
        re.compile(
            r"(?m)^[ \t]{0,40}(?:-[ \t]{1,9})?value:[ \t]{1,9}[\"']?"
            r"(?P<secret>[^\s\"'{$<|>][^\s\"']{3,300})"
            r"[\"']?[ \t]{0,9}\r?\n[ \t]{1,40}name:[ \t]{1,9}[\"']?[\w.-]{0,60}(?i:passw(?:or)?d"
            r"|passphrase|secret|token|api_?key)[\"']?[ \t]{0,9}\r?$"
        ),
        ("value: ",),
        lambda value: looks_chosen(value, quoted=True, letters=False),
    ),
    # openssl-passphrase-options(1).
    SecretPattern(
        re.compile(r"-pass(?:in|out)?[ \t\"',]{1,9}pass:(?P<secret>[^\s\"'`$<{]{3,200})"),
        ("pass:",),
    ),
    # The environment variables of psql, mysql, redis-cli, sshpass, borg and restic, by their
    # manuals, and of the images `postgres`, `mysql` and `mariadb`: in quotes, in a shell, in YAML.
    SecretPattern(
        re.compile(
            rf"\b(?:{_VARIABLES})[\"']?\]?[ \t]{{0,9}}[=:,][ \t]{{0,9}}"
            r"[\"'](?P<secret>[^\s\"'`$<{%]{3,200})[\"']"
        ),
        _VARIABLE_HINTS,
    ),
    SecretPattern(
        re.compile(
            rf"\b(?:{_VARIABLES})(?:=|:[ \t]{{1,9}}(?!(?:str|string|bytes|any)\b))"
            r"(?P<secret>[^\s\"'`$<>{}()\[\],;|&.%]{3,200}+)(?=[\"';&|]|\s|\Z)"
        ),
        _VARIABLE_HINTS,
    ),
    # SQL of MySQL, MariaDB, Oracle (IDENTIFIED BY), PostgreSQL, SQL Server (PASSWORD).
    SecretPattern(
        re.compile(
            r"(?i)\bidentified\s{1,9}(?:with\s{1,9}\S{1,60}\s{1,9})?(?:by"
            r"|as)\s{1,9}(?:password\s{1,9})?"
            r"[\"'](?P<secret>[^\"'\r\n$<{%]{3,200})[\"']"
        ),
        ("identified",),
    ),
    SecretPattern(
        re.compile(
            r"(?i)\b(?:create|alter|grant)\s[^;\r\n]{0,120}?\b(?:user|role|to)\s{1,9}[^\s;]{1,100}\s{1,9}"
            r"identified\s{1,9}by\s{1,9}(?P<secret>[^\s\"'$<{;&]{3,200})"
        ),
        ("identified",),
        lambda value: looks_chosen(value, quoted=True),
    ),
    SecretPattern(
        re.compile(
            r"(?i)\b(?:create|alter)\s{1,9}(?:role|user"
            r"|login)\s[^;\r\n]{1,150}?\bpassword\s{0,9}=?\s{0,9}"
            r"N?'(?P<secret>[^'\r\n$<{%]{3,200})'"
        ),
        ("password '", "password\t'", "password=", "password ="),
    ),
    SecretPattern(
        re.compile(r"(?i)\bpassword\s{0,5}\(\s{0,5}'(?P<secret>[^'\r\n$<{%]{3,200})'\s{0,5}\)"),
        ("set password", "password("),
        lambda value: looks_chosen(value, quoted=True),
    ),
    # wpa_supplicant.conf(5), wg(8).
    SecretPattern(
        re.compile(r"\b(?:PrivateKey|PresharedKey)\s{0,5}=\s{0,5}(?P<secret>[A-Za-z0-9+/]{43}=)"),
        ("privatekey", "presharedkey"),
    ),
)
