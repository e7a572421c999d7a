//! Calendar feeds: iCalendar text that calendars ask for now and again. One for the district, one for each town, and a
//! private one for each person who signs in.

pub mod mine;
pub mod public;
