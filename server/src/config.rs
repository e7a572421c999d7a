//! The settings of the process, from four places: a file, the environment, flags, and the defaults.
//!
//! A flag wins over the environment, the environment over the file. What is not known is refused by name, so that a
//! mistyped setting is noticed at the start and not when it is needed.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::http::address::Network;

/// What goes before a setting's name in the environment: `YSHSL_LISTEN`.
pub const PREFIX: &str = "YSHSL_";
/// The variable that others set for a database; `YSHSL_DATABASE_URL` wins over it.
const DATABASE_URL: &str = "DATABASE_URL";

/// A text that is not to be shown: an address with a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself, for whoever needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("（不显示）")
    }
}

/// The settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address under which people open the site, without a path: decides cookie names and `Secure`.
    pub public_url: PublicUrl,
    /// The folder with database, files and site secret.
    pub data: PathBuf,
    /// The database; its address may hold a password.
    pub database_url: Hidden,
    /// Connections to the database: for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether a plain address off loopback is served all the same.
    pub insecure: bool,
    /// Whether the demo is served.
    pub demo: bool,
    /// What is logged, as a filter of `tracing`.
    pub log: String,
    /// The mail server; without one, letters stay in the outbox.
    pub mail: Option<MailConfig>,
}

/// How the line to the mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// Not at all: to a server on this machine only.
    None,
    /// Begun plainly, then TLS; refused where the server has none.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// The mail server and who writes.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is secured.
    pub security: MailSecurity,
    /// Login name and password, where it wants one.
    pub login: Option<(String, Hidden)>,
    /// The address in the From line.
    pub from: String,
    /// The name in the From line.
    pub from_name: String,
}

/// The address under which people open the site: scheme and host, perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads an address; a slash at its end is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"/?#@\\\"'<>".contains(&b));
        plain.then_some(Self(text))
    }

    /// As text, without a slash at its end; equal to what a browser sends as `Origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people reach the site by TLS: cookies are then for TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether it leads to the machine itself.
    fn is_loopback(&self) -> bool {
        let host = self.0.split("://").nth(1).unwrap_or_default();
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        host == "localhost" || host.parse().is_ok_and(is_loopback)
    }
}

/// Why the settings cannot be used, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// The settings as they were given, each as text, before they are read.
#[derive(Clone, Debug, Default)]
pub struct Given {
    listen: Option<String>,
    public_url: Option<String>,
    data: Option<String>,
    database_url: Option<String>,
    connections: Option<String>,
    trusted_proxies: Option<String>,
    insecure: Option<String>,
    demo: Option<String>,
    log: Option<String>,
    mail_server: Option<String>,
    mail_security: Option<String>,
    mail_user: Option<String>,
    mail_password: Option<String>,
    mail_from: Option<String>,
    mail_from_name: Option<String>,
}

impl Given {
    /// The names of all settings.
    pub const NAMES: [&str; 15] = [
        "listen",
        "public_url",
        "data",
        "database_url",
        "connections",
        "trusted_proxies",
        "insecure",
        "demo",
        "log",
        "mail_server",
        "mail_security",
        "mail_user",
        "mail_password",
        "mail_from",
        "mail_from_name",
    ];

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "listen" => &mut self.listen,
            "public_url" => &mut self.public_url,
            "data" => &mut self.data,
            "database_url" => &mut self.database_url,
            "connections" => &mut self.connections,
            "trusted_proxies" => &mut self.trusted_proxies,
            "insecure" => &mut self.insecure,
            "demo" => &mut self.demo,
            "log" => &mut self.log,
            "mail_server" => &mut self.mail_server,
            "mail_security" => &mut self.mail_security,
            "mail_user" => &mut self.mail_user,
            "mail_password" => &mut self.mail_password,
            "mail_from" => &mut self.mail_from,
            "mail_from_name" => &mut self.mail_from_name,
            _ => return None,
        })
    }

    /// Sets one by name.
    ///
    /// # Errors
    /// When there is no setting of that name; `place` says where it stood.
    pub fn set(&mut self, name: &str, value: String, place: &str) -> Result<(), ConfigError> {
        let Some(slot) = self.slot(name) else {
            return Err(ConfigError(format!(
                "{place}里的「{name}」不是本程序的设置。可以用的有：{}。",
                Self::NAMES.join("、")
            )));
        };
        *slot = Some(value);
        Ok(())
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// When it is not TOML or holds something unknown.
    pub fn read_file(&mut self, text: &str) -> Result<(), ConfigError> {
        let place = "设置文件";
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError(format!("{place}读不懂：{}", error.message())))?;
        for (name, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(yes) => yes.to_string(),
                toml::Value::Array(list) => {
                    let parts: Option<Vec<&str>> = list.iter().map(toml::Value::as_str).collect();
                    parts
                        .map(|parts| parts.join(","))
                        .ok_or_else(|| ConfigError(format!("{place}里的「{name}」应当是一列文字。")))?
                }
                _ => return Err(ConfigError(format!("{place}里的「{name}」写法不对。"))),
            };
            self.set(&name, text, place)?;
        }
        Ok(())
    }

    /// Reads the environment.
    ///
    /// # Errors
    /// When a variable with our prefix is no setting.
    pub fn read_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let mut others = None;
        let mut ours = Vec::new();
        for (name, value) in variables {
            if name == DATABASE_URL && !value.is_empty() {
                others = Some(value);
            } else if let Some(setting) = name.strip_prefix(PREFIX) {
                ours.push((setting.to_ascii_lowercase(), value));
            }
        }
        if let Some(url) = others {
            self.database_url = Some(url);
        }
        for (name, value) in ours {
            self.set(&name, value, "环境变量")?;
        }
        Ok(())
    }

    /// Reads all values.
    ///
    /// # Errors
    /// When one has the wrong form.
    pub fn finish(mut self) -> Result<Config, ConfigError> {
        let mail = self.mail()?;
        let listen = match self.listen {
            Some(text) => parse_listen(&text)?,
            None => SocketAddr::from(([127, 0, 0, 1], 3000)),
        };
        let public_url = match self.public_url {
            Some(text) => PublicUrl::parse(&text).ok_or_else(|| {
                ConfigError(format!("public_url「{text}」不对，请写成 https://域名 的样子，后面不带路径。"))
            })?,
            None => PublicUrl(format!("http://{listen}")),
        };
        let data = PathBuf::from(self.data.unwrap_or_else(|| "data".to_owned()));
        let database_url =
            Hidden(self.database_url.unwrap_or_else(|| format!("sqlite:{}", data.join("consult.db").display())));
        let connections = match self.connections {
            Some(text) => text
                .parse()
                .ok()
                .filter(|n| (1..=1000).contains(n))
                .ok_or_else(|| ConfigError(format!("connections「{text}」不对，请写 1 到 1000 的整数。")))?,
            None => 8,
        };
        let trusted_proxies = self
            .trusted_proxies
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse()
                    .map_err(|()| ConfigError(format!("trusted_proxies「{part}」不对，请写成 10.0.0.0/8 的样子。")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Config {
            listen,
            public_url,
            data,
            database_url,
            connections,
            trusted_proxies,
            insecure: parse_switch("insecure", self.insecure)?,
            demo: parse_switch("demo", self.demo)?,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            mail,
        })
    }

    /// The mail server, if one is named.
    fn mail(&mut self) -> Result<Option<MailConfig>, ConfigError> {
        let mut take = |slot: fn(&mut Self) -> &mut Option<String>| slot(self).take().filter(|text| !text.is_empty());
        let server = take(|given| &mut given.mail_server);
        let others = [
            ("mail_security", take(|given| &mut given.mail_security)),
            ("mail_user", take(|given| &mut given.mail_user)),
            ("mail_password", take(|given| &mut given.mail_password)),
            ("mail_from", take(|given| &mut given.mail_from)),
            ("mail_from_name", take(|given| &mut given.mail_from_name)),
        ];
        let Some(server) = server else {
            return match others.iter().find(|(_, value)| value.is_some()) {
                Some((name, _)) => Err(ConfigError(format!("写了 {name}，没有写 mail_server，信寄不出去。"))),
                None => Ok(None),
            };
        };
        let [(_, security), (_, user), (_, password), (_, from), (_, from_name)] = others;
        let (host, port) = server
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?)))
            .filter(|(host, _)| !host.is_empty() && !host.contains(char::is_whitespace))
            .ok_or_else(|| ConfigError(format!("mail_server「{server}」不对，请写成 smtp.example.cn:587 的样子。")))?;
        let security = match security.as_deref() {
            None | Some("starttls") => MailSecurity::StartTls,
            Some("tls") => MailSecurity::Tls,
            Some("none") if host == "localhost" || host.parse().is_ok_and(is_loopback) => MailSecurity::None,
            Some("none") => {
                return Err(ConfigError(
                    "mail_security 写 none 只能用于本机的邮件服务器：信里的链接不能明文传出去。请写 starttls 或 tls。"
                        .to_owned(),
                ));
            }
            Some(other) => {
                return Err(ConfigError(format!("mail_security「{other}」不对，请写 starttls、tls 或 none。")));
            }
        };
        let login = match (user, password) {
            (Some(user), Some(password)) => Some((user, Hidden(password))),
            (None, None) => None,
            _ => return Err(ConfigError("mail_user 和 mail_password 要么都写，要么都不写。".to_owned())),
        };
        let from =
            from.ok_or_else(|| ConfigError("写了 mail_server，还要写 mail_from：信从哪个邮箱寄出。".to_owned()))?;
        if !app::letter::model::is_mail(&from) {
            return Err(ConfigError(format!("mail_from「{from}」不像邮箱，请写成 gongwei@example.cn 的样子。")));
        }
        let from_name = from_name.unwrap_or_else(|| "有事好商量".to_owned());
        Ok(Some(MailConfig { host, port, security, login, from, from_name }))
    }
}

impl Config {
    /// Whether only people at this machine reach the site: it listens on loopback, and no proxy offers it elsewhere.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_loopback(self.listen.ip()) && self.public_url.is_loopback()
    }

    /// Whether this may be served: plain HTTP stays on this machine, and so does the demo, whose passwords are public.
    ///
    /// # Errors
    /// A sentence that says what to do instead.
    pub fn check_serving(&self) -> Result<(), ConfigError> {
        if self.demo && !self.is_local() {
            return Err(ConfigError(format!(
                "演示账号的密码是公开的，只能在本机打开，不能用 {}（{}）这样的地址。请用 --listen 127.0.0.1:3000。",
                self.listen,
                self.public_url.as_str()
            )));
        }
        if !is_loopback(self.listen.ip()) && !self.insecure {
            return Err(ConfigError(format!(
                "{} 不是本机地址，明文传输会泄露密码和电话。请让 HTTPS 代理转到 127.0.0.1；确实知道风险的，加 --insecure。",
                self.listen
            )));
        }
        Ok(())
    }

    /// A file in the data folder.
    #[must_use]
    pub fn in_data(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }
}

/// Reads the settings from the flags, the environment and the file.
///
/// # Errors
/// When the file cannot be read or anything is unknown or malformed.
pub fn load(flags: Vec<(&'static str, String)>, file: Option<&Path>) -> Result<Config, ConfigError> {
    let mut given = Given::default();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("设置文件 {} 打不开：{error}", path.display())))?;
        given.read_file(&text)?;
    }
    given.read_environment(environment())?;
    for (name, value) in flags {
        given.set(name, value, "命令行")?;
    }
    given.finish()
}

/// All variables that are text.
fn environment() -> Vec<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variables = std::env::vars_os();
    variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

fn parse_listen(text: &str) -> Result<SocketAddr, ConfigError> {
    text.strip_prefix("localhost:")
        .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"))
        .parse()
        .map_err(|_| ConfigError(format!("listen「{text}」不对，请写成 127.0.0.1:3000 的样子。")))
}

fn parse_switch(name: &str, text: Option<String>) -> Result<bool, ConfigError> {
    match text.as_deref() {
        None | Some("" | "0" | "false" | "no" | "off") => Ok(false),
        Some("1" | "true" | "yes" | "on") => Ok(true),
        Some(other) => Err(ConfigError(format!("{name}「{other}」不对，请写 true 或 false。"))),
    }
}

/// Whether only this machine can reach the address.
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut given = Given::default();
        given.read_file(file)?;
        given.read_environment(environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))?;
        for (name, value) in flags {
            given.set(name, (*value).to_owned(), "命令行")?;
        }
        given.finish()
    }

    #[test]
    fn without_settings_it_serves_this_machine_from_one_folder() {
        let config = from("", &[], &[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.public_url.as_str(), "http://127.0.0.1:3000");
        assert!(!config.public_url.is_secure());
        assert_eq!(config.database_url.reveal(), "sqlite:data/consult.db");
        assert!(config.check_serving().is_ok());
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
        let file =
            "listen = \"127.0.0.1:1\"\ndata = \"a\"\nconnections = 3\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]";
        let config = from(file, &[("YSHSL_LISTEN", "127.0.0.1:2"), ("YSHSL_DATA", "b")], &[("data", "c")]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.data, Path::new("c"));
        assert_eq!(config.connections, 3);
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn the_usual_variable_for_a_database_is_honoured() {
        let url = "postgres://a:b@c/d";
        let config = from("", &[("DATABASE_URL", url)], &[]).unwrap();
        assert_eq!(config.database_url.reveal(), url);
        let config = from("", &[("DATABASE_URL", url), ("YSHSL_DATABASE_URL", "sqlite:x")], &[]).unwrap();
        assert_eq!(config.database_url.reveal(), "sqlite:x");
    }

    #[test]
    fn what_is_not_a_setting_is_refused_by_its_name() {
        for error in [
            from("lisen = \"127.0.0.1:1\"", &[], &[]).unwrap_err(),
            from("", &[("YSHSL_LISEN", "x")], &[]).unwrap_err(),
        ] {
            assert!(error.0.contains("「lisen」"), "{error}");
            assert!(error.0.contains("listen"), "{error}");
        }
        assert!(from("", &[("LISEN", "x")], &[]).is_ok());
    }

    #[test]
    fn a_malformed_value_says_how_it_should_look() {
        for (name, value) in [
            ("listen", "3000"),
            ("public_url", "consult.example"),
            ("public_url", "https://consult.example/path"),
            ("public_url", "https://user@consult.example"),
            ("connections", "0"),
            ("connections", "many"),
            ("trusted_proxies", "10.0.0.0/40"),
            ("insecure", "perhaps"),
        ] {
            let error = from("", &[], &[(name, value)]).unwrap_err();
            assert!(error.0.contains(name), "{error}");
        }
        assert!(from("listen = 1", &[], &[]).is_err());
        assert!(from("listen = {}", &[], &[]).is_err());
        assert!(from("listen", &[], &[]).is_err());
    }

    #[test]
    fn a_mail_server_is_read_and_its_password_hidden() {
        let file = "mail_server = \"smtp.example.cn:587\"\nmail_user = \"u\"\nmail_password = \"geheim\"\n\
                    mail_from = \"gw@example.cn\"";
        let config = from(file, &[], &[]).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
        let mail = config.mail.unwrap();
        assert_eq!((mail.host.as_str(), mail.port, mail.security), ("smtp.example.cn", 587, MailSecurity::StartTls));
        assert_eq!(mail.login.unwrap().1.reveal(), "geheim");
        assert_eq!(mail.from_name, "有事好商量");
        let mail = |settings: &[(&str, &str)]| from("", &[], settings).map(|config| config.mail);
        assert!(mail(&[]).unwrap().is_none());
        let local = [("mail_server", "[::1]:25"), ("mail_security", "none"), ("mail_from", "a@b.cn")];
        assert_eq!(mail(&local).unwrap().unwrap().host, "::1");
        for (settings, words) in [
            (&[("mail_from", "a@b.cn")][..], "mail_server"),
            (&[("mail_server", "smtp.example.cn"), ("mail_from", "a@b.cn")], "587"),
            (&[("mail_server", "smtp.example.cn:25")], "mail_from"),
            (&[("mail_server", "smtp.example.cn:25"), ("mail_from", "a")], "邮箱"),
            (&[("mail_server", "smtp.example.cn:25"), ("mail_from", "a@b.cn"), ("mail_security", "none")], "本机"),
            (&[("mail_server", "smtp.example.cn:25"), ("mail_from", "a@b.cn"), ("mail_security", "ssl")], "starttls"),
            (&[("mail_server", "smtp.example.cn:25"), ("mail_from", "a@b.cn"), ("mail_user", "u")], "mail_password"),
        ] {
            let error = mail(settings).unwrap_err();
            assert!(error.0.contains(words), "{error}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let config = from("database_url = \"postgres://u:geheim@h/d\"", &[], &[]).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn plain_http_and_the_demo_stay_on_this_machine() {
        let serving = |flags: &[(&str, &str)]| from("", &[], flags).unwrap().check_serving();
        assert!(serving(&[("listen", "[::1]:3000")]).is_ok());
        assert!(serving(&[("listen", "localhost:3000"), ("demo", "true")]).is_ok());
        assert!(serving(&[("listen", "0.0.0.0:3000")]).unwrap_err().0.contains("--insecure"));
        assert!(serving(&[("listen", "0.0.0.0:3000"), ("insecure", "true")]).is_ok());
        let refused = serving(&[("listen", "0.0.0.0:3000"), ("insecure", "true"), ("demo", "true")]);
        assert!(refused.unwrap_err().0.contains("演示账号"));
        // A proxy would offer it to everybody.
        let proxied = serving(&[("public_url", "https://consult.example"), ("demo", "true")]);
        assert!(proxied.unwrap_err().0.contains("演示账号"));
        assert!(serving(&[("public_url", "https://consult.example")]).is_ok());
        assert!(serving(&[("public_url", "http://localhost:3000"), ("demo", "true")]).is_ok());
    }
}
