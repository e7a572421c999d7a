//! Every page of the product, in one screen.

use crate::account::pages as account;
use crate::archive::pages as archive;
use crate::board::pages as board;
use crate::carrier::pages as carrier;
use crate::evaluation::pages as evaluation;
use crate::invitation::answer::pages as answer;
use crate::invitation::pages as invitation;
use crate::ledger::pages as ledger;
use crate::letter::pages as letter;
use crate::meeting::pages as meeting;
use crate::memo::pages as memo;
use crate::minutes::pages as minutes;
use crate::outcome::pages as outcome;
use crate::plan::pages as plan;
use crate::register::pages as register;
use crate::research::pages as research;
use crate::roster::pages as roster;
use crate::roster::year::pages as member_year;
use crate::task::pages as task;
use crate::topic::pages::{comment, desk, dossier, follow, home, list, lookup, opinion, raise, static_pages, topic};
use crate::town::pages as town;
use crate::web::{Route, Serving};

/// One page: path, how it is served, what shows it, what takes its form, and whether that carries files.
macro_rules! page {
    ($path:literal, $serving:ident, $get:path) => {
        page!(@ $path, $serving, $get, None, false)
    };
    ($path:literal, $serving:ident, $get:path, $post:path) => {
        page!(@ $path, $serving, $get, Some(|req, form| Box::pin($post(req, form))), false)
    };
    ($path:literal, $serving:ident, $get:path, $post:path, files) => {
        page!(@ $path, $serving, $get, Some(|req, form| Box::pin($post(req, form))), true)
    };
    (@ $path:literal, $serving:ident, $get:path, $post:expr, $files:literal) => {
        Route { path: $path, serving: Serving::$serving, get: |req| Box::pin($get(req)), post: $post, files: $files }
    };
}

/// The pages.
pub static ROUTES: &[Route] = &[
    // What everybody sees.
    page!("/", Public, home::home),
    page!("/topics", Public, list::topics),
    page!("/topics/similar", Fragment, raise::similar),
    page!("/topics/{id}", Public, topic::topic, topic::post_topic),
    page!("/topics/{id}/notice", Public, plan::notice),
    page!("/topics/{id}/dossier", Public, dossier::dossier),
    page!("/topics/{id}/minutes", Public, minutes::published),
    page!("/topics/{id}/outcomes", Public, outcome::published),
    page!("/topics/{id}/screen", Clocked, meeting::screen),
    page!("/board", Public, board::public_board),
    page!("/stories", Public, archive::stories),
    page!("/stories/{id}", Public, archive::story),
    page!("/calendar", Public, plan::calendar),
    page!("/towns", Public, town::towns),
    page!("/rules", Public, town::rules),
    page!("/privacy", Public, static_pages::privacy),
    page!("/guide", Public, static_pages::guide),
    // What residents write and look up.
    page!("/raise", Personal, raise::raise, raise::post_raise, files),
    page!("/topics/{id}/comment", Personal, comment::comment, comment::post_comment),
    page!("/topics/{id}/opinion", Personal, opinion::opinion, opinion::post_opinion),
    page!("/topics/{id}/report", Personal, comment::report, comment::post_report),
    page!("/topics/{id}/follow", Personal, follow::follow, follow::post_follow),
    page!("/follow/{id}/{token}", Personal, follow::progress, follow::post_progress),
    page!("/follow/{id}/{token}/evaluate", Personal, evaluation::judge_followed, evaluation::post_followed),
    page!("/topics/{id}/again", Personal, evaluation::again, evaluation::post_again),
    page!("/lookup", Personal, lookup::lookup, lookup::post_lookup),
    page!("/mine/{id}", Personal, lookup::mine, lookup::post_mine, files),
    page!("/mine/{id}/code", Personal, raise::raised),
    page!("/mine/{id}/evaluate", Personal, evaluation::judge_raised, evaluation::post_raised),
    page!("/mine/{id}/withdraw", Personal, lookup::withdraw, lookup::post_withdraw),
    // Who is invited, and who registers.
    page!("/topics/{id}/register", Personal, answer::register::register, answer::register::post_register),
    page!("/i/{id}/{token}", Personal, answer::invitee::invitee, answer::invitee::post_invitee),
    page!("/i/{id}/{token}/minutes", Personal, minutes::own::draft, minutes::own::post_draft),
    page!("/i/{id}/{token}/evaluate", Personal, evaluation::judge_invited, evaluation::post_invited),
    page!("/g/{meeting}/{token}", Personal, answer::find::find, answer::find::post_find),
    page!("/q/{id}", Personal, research::answer, research::post_answer),
    // Accounts.
    page!("/sign-in", Personal, account::sign_in, account::post_sign_in),
    page!("/sign-out", Personal, account::sign_out, account::post_sign_out),
    page!("/account", Personal, account::account, account::post_account),
    // The desk.
    page!("/desk", Live, desk::desk),
    page!("/desk/topics", Personal, desk::topics),
    page!("/desk/record", Personal, desk::record, desk::post_record, files),
    page!("/desk/roster", Personal, roster::roster),
    page!("/desk/roster/{id}", Personal, roster::member, roster::post_member),
    page!("/desk/year", Personal, member_year::year),
    page!("/desk/units", Personal, roster::units),
    page!("/desk/units/{id}", Personal, roster::unit, roster::post_unit),
    page!("/desk/topics/{id}", Live, desk::workspace, desk::post_workspace),
    page!("/desk/topics/{id}/plan", Personal, plan::plan, plan::post_plan, files),
    page!("/desk/rooms", Personal, plan::rooms, carrier::post_rooms),
    page!("/desk/rooms/{id}", Personal, carrier::room, carrier::post_room, files),
    page!("/desk/studios/{id}", Personal, carrier::studio, carrier::post_studio),
    page!("/desk/topics/{id}/people", Personal, invitation::people, invitation::post_people),
    page!("/desk/topics/{id}/people/import", Personal, invitation::import, invitation::post_import, files),
    page!("/desk/topics/{id}/people/{invitee}", Personal, invitation::person, invitation::post_person),
    page!("/desk/topics/{id}/erase", Personal, desk::erase, desk::post_erase),
    page!("/desk/topics/{id}/answers", Personal, answer::answers::answers, answer::answers::post_answers),
    page!("/desk/topics/{id}/answers/{invitee}", Personal, answer::answers::one, answer::answers::post_one),
    page!("/desk/topics/{id}/print", Personal, answer::print::print),
    page!("/desk/topics/{id}/door", Personal, meeting::door, meeting::post_door),
    page!("/desk/topics/{id}/console", Personal, meeting::console, meeting::post_console),
    page!("/desk/topics/{id}/minutes", Personal, minutes::minutes, minutes::post_minutes),
    page!("/desk/topics/{id}/minutes/paper", Personal, minutes::paper),
    page!("/desk/topics/{id}/outcomes", Personal, outcome::outcomes, outcome::post_outcomes, files),
    page!("/desk/topics/{id}/tasks", Personal, task::tasks, task::post_tasks),
    page!("/desk/topics/{id}/evaluation", Personal, evaluation::evaluation, evaluation::post_evaluation),
    page!("/desk/topics/{id}/archive", Personal, archive::archive, archive::post_archive),
    page!("/desk/tasks", Personal, task::owed),
    page!("/desk/tasks/{id}", Personal, task::task, task::post_task, files),
    page!("/desk/late", Personal, task::late),
    page!("/desk/board", Personal, board::town_board),
    page!("/desk/memos", Personal, memo::memos, memo::post_memos),
    page!("/desk/register", Personal, register::register, register::post_register),
    page!("/desk/topics/{id}/door/screen", Personal, meeting::door_screen),
    page!("/desk/topics/{id}/door/kept", Personal, meeting::door_kept),
    page!("/desk/topics/{id}/research", Personal, research::board, research::post_board, files),
    page!("/desk/topics/{id}/visit", Personal, research::visit, research::post_visit, files),
    page!("/desk/topics/{id}/questionnaire", Personal, research::questionnaire, research::post_questionnaire),
    page!("/desk/topics/{id}/ledger", Personal, ledger::of_case),
    page!("/desk/outbox", Personal, letter::outbox),
    page!("/desk/outbox/{id}", Personal, letter::letter, letter::post_letter),
];
