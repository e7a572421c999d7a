//! Mail: hands letters to the mail server (SMTP by lettre), and says exactly how that ended.
//!
//! What a letter says, and what follows from each ending, is `app::letter`'s business. Here it matters to tell apart
//! what was surely not taken (it may be tried again) from what may have been: only once the dot after the message has
//! been sent can the server take it, so a line that breaks later leaves it uncertain.

mod line;
mod message;

use app::context::Ctx;
use app::jobs::Job;
use app::letter::post::{self, Delivery, Sender};

use self::line::Line;
use crate::config::Config;

/// What sends letters.
#[derive(Debug)]
pub struct Post {
    sender: Sender,
    line: Option<Line>,
}

impl Post {
    /// Over the mail server of the settings, if there is one.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut sender = Sender { public_url: config.public_url.as_str().to_owned(), ..Sender::default() };
        let line = config.mail.clone().map(|mail| {
            sender.address.clone_from(&mail.from);
            sender.name.clone_from(&mail.from_name);
            Line::new(mail, sender.host())
        });
        Self { sender, line }
    }

    /// Sends the letter of a job.
    ///
    /// # Errors
    /// A sentence, without personal data, when the job has to come back.
    pub async fn deliver(&self, ctx: &Ctx, job: &Job) -> Result<(), String> {
        let letter = post::letter_of(job).map_err(|refusal| refusal.sentence())?;
        let Some(line) = &self.line else {
            return post::keep(ctx, letter).await.map_err(|refusal| refusal.sentence());
        };
        let begun = post::begin(ctx, letter, &self.sender).await.map_err(|refusal| refusal.sentence())?;
        let Some(outgoing) = begun else {
            return Ok(());
        };
        let delivery = match message::of(&outgoing, &self.sender) {
            Ok(message) => line.send(&message).await,
            Err(words) => Delivery::Refused(words),
        };
        if delivery != Delivery::Sent {
            tracing::warn!(%letter, ended = ended(&delivery), "a letter was not sent");
        }
        post::end(ctx, letter, delivery).await.unwrap_or_else(|refusal| Err(refusal.sentence()))
    }
}

/// How it ended, for the log: without the server's words, which may name the address.
const fn ended(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Sent => "sent",
        Delivery::Later(_) => "later",
        Delivery::Refused(_) => "refused",
        Delivery::Uncertain => "uncertain",
    }
}
