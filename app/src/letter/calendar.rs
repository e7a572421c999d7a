//! Meetings as iCalendar text (RFC 5545, 5546): the part of a letter, and a feed.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, CalendarDateTime, Class, Component, Event, EventLike, EventStatus, Property};

use super::model::CalendarMethod;
use crate::rules::SHANGHAI;

/// Name of the zone.
const ZONE: &str = "Asia/Shanghai";
/// What the zone's name means, for calendars that do not know it: eight hours ahead, all year.
const ZONE_PART: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
                         TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// A meeting as a calendar shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Stays the same while the meeting does.
    pub uid: String,
    /// Raised with every change.
    pub sequence: i64,
    /// When this was written.
    pub stamp: DateTime<Utc>,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub title: String,
    pub place: String,
    pub description: String,
    pub cancelled: bool,
}

/// Who invites and who is invited, in the calendar part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parties {
    /// Name and address of the sender.
    pub organizer: (String, String),
    /// Name and address of the person.
    pub attendee: (String, String),
    /// Whether the person has accepted.
    pub accepted: bool,
}

/// The calendar part of a letter. The person's link is not in it: calendars are shared more readily than letters.
pub(super) fn part(method: CalendarMethod, entry: &Entry, parties: &Parties) -> String {
    let mut event = event(entry);
    event.append_property(person("ORGANIZER", &parties.organizer));
    let mut attendee = person("ATTENDEE", &parties.attendee);
    attendee.add_parameter("ROLE", "REQ-PARTICIPANT");
    attendee.add_parameter("PARTSTAT", if parties.accepted { "ACCEPTED" } else { "NEEDS-ACTION" });
    // Answers are given on the person's page, not to the sender's mailbox.
    attendee.add_parameter("RSVP", "FALSE");
    event.append_multi_property(attendee);
    let mut calendar = Calendar::empty();
    for (key, value) in [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN"), ("METHOD", method.code())]
    {
        calendar.append_property(Property::new(key, value));
    }
    calendar.push(event);
    text(&calendar)
}

/// Names the program in the files it makes.
const PRODUCT: &str = "-//Wujiang//Consultation//ZH";

/// Several meetings under a name, for calendars that ask for them now and again.
pub(super) fn feed(name: &str, entries: &[Entry]) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN"), ("METHOD", "PUBLISH")] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.name(name).ttl(&chrono::Duration::hours(1)).timezone(ZONE);
    for entry in entries {
        calendar.push(event(entry));
    }
    text(&calendar)
}

fn event(entry: &Entry) -> Event {
    let mut event = Event::new();
    event
        .uid(&entry.uid)
        .timestamp(entry.stamp)
        .sequence(u32::try_from(entry.sequence).unwrap_or(0))
        .starts(local(entry.starts))
        .ends(local(entry.ends))
        .summary(&entry.title)
        .description(&entry.description)
        .class(Class::Private)
        .status(if entry.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
    if !entry.place.is_empty() {
        event.location(&entry.place);
    }
    event.done()
}

fn local(at: DateTime<Utc>) -> CalendarDateTime {
    CalendarDateTime::WithTimezone { date_time: at.with_timezone(&SHANGHAI).naive_local(), tzid: ZONE.to_owned() }
}

/// A property that names a person: what could end a parameter is left out of the name, of the address as well.
fn person(key: &str, (name, address): &(String, String)) -> Property {
    let address: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let mut property = Property::new(key, format!("mailto:{address}"));
    let name: String = name.chars().filter(|c| !c.is_control() && !"\";:,\\".contains(*c)).collect();
    if !name.is_empty() {
        property.add_parameter("CN", &name);
    }
    property
}

fn text(calendar: &Calendar) -> String {
    calendar.to_string().replacen("BEGIN:VEVENT", &format!("{ZONE_PART}BEGIN:VEVENT"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            uid: "meeting-invitee@consult.example".to_owned(),
            sequence: 2,
            stamp: "2026-11-18T01:00:00Z".parse().unwrap(),
            starts: "2026-11-25T06:00:00Z".parse().unwrap(),
            ends: "2026-11-25T08:00:00Z".parse().unwrap(),
            title: "协商会：停车，让位; 和谐".to_owned(),
            place: "镇议事室".to_owned(),
            description: "第一行\n第二行".to_owned(),
            cancelled: false,
        }
    }

    /// Lines as a reader sees them: folded ones put together again.
    fn lines(text: &str) -> Vec<String> {
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_request_and_its_cancellation_speak_of_the_same_event() {
        let parties = Parties {
            organizer: ("盛泽镇政协工委".to_owned(), "gw@consult.example".to_owned()),
            attendee: ("王;\"小明".to_owned(), "wang@example.com".to_owned()),
            accepted: false,
        };
        let request = lines(&part(CalendarMethod::Request, &entry(), &parties));
        for line in [
            "METHOD:REQUEST",
            "UID:meeting-invitee@consult.example",
            "SEQUENCE:2",
            "DTSTAMP:20261118T010000Z",
            "DTSTART;TZID=Asia/Shanghai:20261125T140000",
            "DTEND;TZID=Asia/Shanghai:20261125T160000",
            "SUMMARY:协商会：停车，让位\\; 和谐",
            "DESCRIPTION:第一行\\n第二行",
            "STATUS:CONFIRMED",
            "BEGIN:VTIMEZONE",
        ] {
            assert!(request.iter().any(|l| l == line), "{line} in {request:#?}");
        }
        let attendee = request.iter().find(|line| line.starts_with("ATTENDEE")).unwrap();
        assert!(attendee.ends_with(":mailto:wang@example.com"), "{attendee}");
        assert!(attendee.contains("CN=王小明") && attendee.contains("PARTSTAT=NEEDS-ACTION"), "{attendee}");
        let cancelled = Entry { cancelled: true, sequence: 3, ..entry() };
        let cancel = lines(&part(CalendarMethod::Cancel, &cancelled, &parties));
        for line in ["METHOD:CANCEL", "UID:meeting-invitee@consult.example", "SEQUENCE:3", "STATUS:CANCELLED"] {
            assert!(cancel.iter().any(|l| l == line), "{line} in {cancel:#?}");
        }
    }

    #[test]
    fn a_feed_names_itself_and_the_zone_once() {
        let feed = feed("我的协商会", &[entry(), Entry { uid: "other".to_owned(), ..entry() }]);
        assert_eq!(feed.matches("BEGIN:VEVENT").count(), 2);
        assert_eq!(feed.matches("BEGIN:VTIMEZONE").count(), 1);
        assert!(feed.contains("X-WR-CALNAME:我的协商会"), "{feed}");
        assert!(!super::feed("空", &[]).contains("VTIMEZONE"));
    }
}
