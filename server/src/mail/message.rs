//! A letter as a MIME message: text, HTML and calendar are three ways of saying the same.

use std::time::{Duration, SystemTime};

use app::letter::post::{Outgoing, Sender};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

/// The message of a letter.
///
/// # Errors
/// A sentence for the officer, when the address cannot be one.
pub(super) fn of(letter: &Outgoing, sender: &Sender) -> Result<Message, String> {
    let wrong = |_| "邮箱写得不对，寄不出去。请核对后改过来。".to_owned();
    let to: Address = letter.to_address.parse().map_err(wrong)?;
    if !letter.to_address.is_ascii() {
        return Err("邮箱里有中文，很多邮件服务器不收。请换一个邮箱，或者用别的办法告知。".to_owned());
    }
    let from: Address =
        sender.address.parse().map_err(|_| "发信的邮箱写得不对，请系统管理员核对 mail_from。".to_owned())?;
    let name = (!letter.to_name.is_empty()).then(|| letter.to_name.clone());
    let mut body = MultiPart::alternative()
        .singlepart(SinglePart::plain(letter.written.text.clone()))
        .singlepart(SinglePart::html(letter.written.html.clone()));
    if let Some((method, calendar)) = &letter.calendar {
        let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", method.code()))
            .map_err(|error| error.to_string())?;
        body = body.singlepart(SinglePart::builder().header(kind).body(calendar.clone()));
    }
    let seconds = u64::try_from(letter.at.timestamp()).unwrap_or(0);
    Message::builder()
        .from(Mailbox::new(Some(sender.name.clone()), from))
        .to(Mailbox::new(name, to))
        .subject(letter.written.subject.clone())
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{}>", letter.message_id)))
        // Nobody's "I am on holiday" answers it.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(body)
        .map_err(|error| error.to_string())
}
