//! Lines to the mail server: opened when needed, kept for the next letter.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::letter::post::Delivery;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use crate::config::{MailConfig, MailSecurity};

/// How long it may take until the server is ready to take the message.
const READY: Duration = Duration::from_secs(30);
/// How long it may take to hand over the message.
const HANDED: Duration = Duration::from_secs(45);
/// Lines that are kept open for the next letter.
const KEPT: usize = 4;

/// The way to the mail server.
pub(super) struct Line {
    config: MailConfig,
    hello: ClientId,
    kept: Mutex<Vec<AsyncSmtpConnection>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Why the message was not asked for.
enum Closed {
    /// The line itself: it may work later.
    Line(String),
    /// The server's answer about this letter.
    Letter(Error),
}

impl Line {
    pub(super) fn new(config: MailConfig, host: &str) -> Self {
        let hello = match host.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(host.to_owned()),
        };
        Self { config, hello, kept: Mutex::default() }
    }

    /// Hands a message over.
    pub(super) async fn send(&self, message: &Message) -> Delivery {
        // Nothing of the message has been sent before this is through, so whatever goes wrong, it was not taken.
        let mut connection = match timeout(READY, self.ready(message)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(Closed::Line(words))) => return Delivery::Later(words),
            Ok(Err(Closed::Letter(error))) => return answer(&error).unwrap_or_else(|| Delivery::Later(lost())),
            Err(_) => return Delivery::Later(lost()),
        };
        match timeout(HANDED, connection.message(&message.formatted())).await {
            Ok(Ok(_)) => {
                self.keep(connection);
                Delivery::Sent
            }
            // A clear no; anything less clear came after the message was out of our hands.
            Ok(Err(error)) => answer(&error).unwrap_or(Delivery::Uncertain),
            Err(_) => Delivery::Uncertain,
        }
    }

    /// A line on which the server has said that it will take the message now.
    async fn ready(&self, message: &Message) -> Result<AsyncSmtpConnection, Closed> {
        let mut connection = match self.open_one().await {
            Some(connection) => connection,
            None => self.connect().await.map_err(|error| Closed::Line(unreachable_words(&error)))?,
        };
        let envelope = message.envelope();
        connection.command(Mail::new(envelope.from().cloned(), Vec::new())).await.map_err(Closed::Letter)?;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(Closed::Letter)?;
        }
        connection.command(Data).await.map_err(Closed::Letter)?;
        Ok(connection)
    }

    /// A kept line that still answers.
    async fn open_one(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let mut connection = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(connection);
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let tls = || TlsParameters::new(self.config.host.clone());
        let at_once = if self.config.security == MailSecurity::Tls { Some(tls()?) } else { None };
        let address = (self.config.host.as_str(), self.config.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(READY), &self.hello, at_once, None).await?;
        if self.config.security == MailSecurity::StartTls {
            // Fails where the server has no TLS: then nothing is sent.
            connection.starttls(tls()?, &self.hello).await?;
        }
        if let Some((user, password)) = &self.config.login {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

/// The server's words, without those that hold an address: servers like to repeat it, and it is nobody else's.
fn without_addresses(words: &str) -> String {
    let kept: Vec<&str> = words.split_whitespace().filter(|word| !word.contains('@')).collect();
    if kept.is_empty() { String::new() } else { format!("：{}", kept.join(" ")) }
}

/// What the server's clear answer means; `None` when the error is no answer.
fn answer(error: &Error) -> Option<Delivery> {
    let code = error.status()?;
    let said = std::error::Error::source(error).map(|words| without_addresses(&words.to_string())).unwrap_or_default();
    if error.is_permanent() {
        Some(Delivery::Refused(format!("邮件服务器不收（{code}{said}）。请核对邮箱，或者用别的办法告知。")))
    } else if error.is_transient() {
        Some(Delivery::Later(format!("邮件服务器暂时不收（{code}{said}），过一会儿再寄。")))
    } else {
        None
    }
}

fn lost() -> String {
    "邮件服务器没有回应，过一会儿再寄。".to_owned()
}

/// Why there is no line; wrong passwords and missing TLS are the administrator's to mend, meanwhile letters wait.
fn unreachable_words(error: &Error) -> String {
    match error.status() {
        Some(code) => {
            format!("邮件服务器不让登录（{code}），请系统管理员核对 mail_user 和 mail_password。过一会儿再寄。")
        }
        None if error.is_tls() || error.is_client() => {
            "和邮件服务器建立不了加密连接，请系统管理员核对 mail_server 和 mail_security。过一会儿再寄。".to_owned()
        }
        None => "邮件服务器连不上，过一会儿再寄。".to_owned(),
    }
}
