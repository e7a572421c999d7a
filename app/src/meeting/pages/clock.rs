//! The clock of a speech. The server's time is what counts: a script counts on from it, once a second.

use leptos::prelude::*;

use crate::ids::SpeechId;
use crate::meeting::floor::model::minutes_and_seconds;
use crate::meeting::floor::store::Speech;

/// 「1:42」, 「超 0:15」.
fn shown(left_s: i64) -> String {
    let word = if left_s < 0 { "超 " } else { "" };
    format!("{word}{}", minutes_and_seconds(left_s.abs()))
}

/// What is known of the time of a speech.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Which speech.
    pub(super) speech: SpeechId,
    /// Seconds spoken when the page was made.
    pub(super) elapsed_s: i64,
    /// Seconds that are allowed.
    pub(super) allowed_s: i64,
    /// Seconds before the end when the speaker is told.
    pub(super) bell_s: i64,
}

impl Clock {
    /// The clock of a speech that is being held.
    pub(super) const fn of(speech: &Speech, elapsed_s: i64, bell_s: i64) -> Self {
        Self { speech: speech.speech_id, elapsed_s, allowed_s: speech.allowed_s, bell_s }
    }

    const fn class(self) -> &'static str {
        match self.allowed_s - self.elapsed_s {
            left if left < 0 => "speech-clock over",
            left if left <= self.bell_s => "speech-clock bell",
            _ => "speech-clock",
        }
    }

    /// What is left of the speech, large, and a bar of what is spent.
    pub(super) fn view(self) -> AnyView {
        let Self { speech, elapsed_s, allowed_s, bell_s } = self;
        let spent = elapsed_s.min(allowed_s).to_string();
        view! {
            <div
                class=self.class()
                data-speech=speech.to_string()
                data-elapsed=elapsed_s.to_string()
                data-allowed=allowed_s.to_string()
                data-bell=bell_s.to_string()
            >
                <p class="speech-figure">{shown(allowed_s - elapsed_s)}</p>
                <progress class="speech-bar" aria-label="已说的时间" max=allowed_s.to_string() value=spent></progress>
            </div>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_tells_what_is_left_when_the_bell_rings_and_when_it_is_over() {
        let at = |elapsed_s| {
            let clock = Clock { speech: SpeechId(uuid::Uuid::nil()), elapsed_s, allowed_s: 300, bell_s: 60 };
            (clock.class(), shown(300 - elapsed_s))
        };
        assert_eq!(at(198), ("speech-clock", "1:42".to_owned()));
        assert_eq!(at(240), ("speech-clock bell", "1:00".to_owned()));
        assert_eq!(at(300), ("speech-clock bell", "0:00".to_owned()));
        assert_eq!(at(315), ("speech-clock over", "超 0:15".to_owned()));
    }
}
