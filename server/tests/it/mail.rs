//! Letters on their way to a mail server that says what the test tells it to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::ids::{CaseId, InviteeId, MeetingId};
use app::letter::model::LetterState;
use app::letter::post::{Round, add_round};
use app::storage::Value;
use chrono::TimeDelta;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{World, product_with};

/// What the server does with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Takes,
    /// Says "not now" to the address.
    Busy,
    /// Knows no such address.
    Refuses,
    /// Says "no" only when it has read the message.
    RefusesAfterReading,
    /// Hangs up when it has the message, without a word.
    HangsUp,
    /// Hangs up before it asks for the message.
    HangsUpEarly,
}

/// A mail server.
struct Server {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    /// The messages it took or read.
    got: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { port: listener.local_addr().unwrap().port(), mood: Arc::new(Mutex::new(mood)), got: Arc::default() };
        let (mood, got) = (Arc::clone(&server.mood), Arc::clone(&server.got));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&mood), Arc::clone(&got)));
            }
        });
        server
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, mood: Arc<Mutex<Mood>>, got: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let now = *mood.lock().unwrap();
        let answer = match line.split([' ', ':', '\r']).next().unwrap_or_default() {
            "RCPT" if now == Mood::Busy => "451 greylisted\r\n",
            "RCPT" if now == Mood::Refuses => "550 no such user\r\n",
            "RCPT" if now == Mood::HangsUpEarly => return,
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                let mut message = String::new();
                while !message.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut message).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                got.lock().unwrap().push(message);
                match now {
                    Mood::HangsUp => return,
                    Mood::RefusesAfterReading => "554 looks like spam\r\n",
                    _ => "250 taken\r\n",
                }
            }
            "QUIT" => return,
            _ => "250 ok\r\n",
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn with(mood: Mood) -> (World, Server) {
    let server = Server::start(mood).await;
    let address = format!("127.0.0.1:{}", server.port);
    let world = product_with(&[
        ("mail_server", &address),
        ("mail_security", "none"),
        ("mail_from", "gw@consult.example"),
        ("public_url", "https://consult.example"),
    ])
    .await;
    (world, server)
}

async fn run(world: &World, sql: &'static str, values: Vec<Value>) {
    world.site.ctx.db.write(move |tx| Box::pin(async move { Ok(tx.execute(sql, values).await?) })).await.unwrap();
}

/// An announced meeting with some invited people; the job that tells them is left behind.
async fn meeting(world: &World, people: usize) -> MeetingId {
    let ctx = world.operator();
    let (case, meeting) = (CaseId(ctx.new_id()), MeetingId(ctx.new_id()));
    let starts = ctx.now() + TimeDelta::days(7);
    run(world, "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, 'shengze', 0, '')", vec![case.into()])
        .await;
    run(
        world,
        "INSERT INTO topic (topic_id, town_id, stage, stage_version, stage_since, overdue_marked, source, sent_title,
                            submitted_at, moved_at, title, is_public, support_count, comment_count, held_comments,
                            code_hash, code_generation, demo)
         VALUES ($1, 'shengze', 'announced', 1, $2, FALSE, 'public_solicited', '停车', $2, $2, '停车', TRUE, 0, 0, 0,
                 $3, 0, FALSE)",
        vec![case.into(), ctx.now().into(), case.to_string().into()],
    )
    .await;
    run(
        world,
        "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, told_starts_at, told_ends_at,
                              online_url, announced_at, urgent, sequence)
         VALUES ($1, $2, 1, 'announced', 'roundtable', $3, $4, $3, $4, '', $5, FALSE, 0)",
        vec![meeting.into(), case.into(), starts.into(), (starts + TimeDelta::hours(2)).into(), ctx.now().into()],
    )
    .await;
    for n in 0..people {
        run(
            world,
            "INSERT INTO invitee (invitee_id, case_id, meeting_id, origin, category, name, organisation, sector, phone,
                                  mail, woman, consent_public, state, reason, opinion, opinion_released, generation,
                                  ledger_seq)
             VALUES ($1, $2, $3, 'listed', 'member', '王小明', '', '', '', $4, FALSE, FALSE, 'invited', '', '', FALSE, 0, 1)",
            vec![
                InviteeId(ctx.new_id()).into(),
                case.into(),
                meeting.into(),
                format!("p{n}@example.com").into(),
            ],
        )
        .await;
    }
    let inner = ctx.clone();
    let round = Round { meeting, unanswered: false };
    ctx.db
        .write(move |tx| Box::pin(async move { add_round(tx, &inner, "announce", round, None).await }))
        .await
        .unwrap();
    meeting
}

async fn work(world: &World) {
    let running = server::jobs::run_jobs(&world.site.ctx, &world.site.post, &world.site.stop);
    tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}

/// Where the letters of a meeting are, and what is said of the first.
async fn states(world: &World, meeting: MeetingId) -> (Vec<LetterState>, String) {
    let rows = app::letter::store::of_meeting(&world.site.ctx.db, meeting).await.unwrap();
    let words = rows.first().and_then(|row| row.last_error.clone()).unwrap_or_default();
    (rows.iter().map(|row| row.state.0).collect(), words)
}

#[tokio::test]
async fn a_round_goes_out_by_mail_each_letter_once() {
    let (world, server) = with(Mood::Takes).await;
    let meeting = meeting(&world, 20).await;
    work(&world).await;
    work(&world).await;
    assert_eq!(states(&world, meeting).await.0, [LetterState::Sent; 20]);
    let got = server.got();
    assert_eq!(got.len(), 20);
    let first = &got[0];
    for part in [
        "Auto-Submitted: auto-generated\r\n",
        "From: =?utf-8?b?",
        "<gw@consult.example>\r\n",
        "@consult.example>\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
        "Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n",
        "Date: Wed, 18 Nov 2026 01:00:00",
    ] {
        assert!(first.contains(part), "{part} in {first}");
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_later() {
    let (world, server) = with(Mood::Busy).await;
    let meeting = meeting(&world, 1).await;
    work(&world).await;
    let (seen, words) = states(&world, meeting).await;
    assert_eq!(seen, [LetterState::Queued]);
    assert!(words.contains("451"), "{words}");
    let failing = app::jobs::failing(&world.site.ctx.db).await.unwrap();
    assert!(!failing[0].last_error.contains("example.com"), "{failing:?}");
    server.is(Mood::Takes);
    work(&world).await;
    assert!(server.got().is_empty(), "not before its time");
    world.site.ctx.clock.set(world.site.ctx.now() + TimeDelta::minutes(1));
    work(&world).await;
    assert_eq!(states(&world, meeting).await.0, [LetterState::Sent]);
    assert_eq!(server.got().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (mood, words, read) in [(Mood::Refuses, "550", 0), (Mood::RefusesAfterReading, "554", 1)] {
        let (world, server) = with(mood).await;
        let meeting = meeting(&world, 1).await;
        work(&world).await;
        let (seen, said) = states(&world, meeting).await;
        assert_eq!(seen, [LetterState::Failed], "{mood:?}");
        assert!(said.contains(words), "{said}");
        server.is(Mood::Takes);
        world.site.ctx.clock.set(world.site.ctx.now() + TimeDelta::days(1));
        work(&world).await;
        assert_eq!(server.got().len(), read);
    }
}

#[tokio::test]
async fn a_line_that_breaks_after_the_message_is_not_tried_again() {
    let (world, server) = with(Mood::HangsUp).await;
    let meeting = meeting(&world, 1).await;
    work(&world).await;
    let (seen, words) = states(&world, meeting).await;
    assert_eq!(seen, [LetterState::Uncertain]);
    assert!(words.contains("不知道对方收到没有"), "{words}");
    server.is(Mood::Takes);
    world.site.ctx.clock.set(world.site.ctx.now() + TimeDelta::days(1));
    work(&world).await;
    assert_eq!(server.got().len(), 1, "the one that it may have taken");
}

#[tokio::test]
async fn a_line_that_breaks_before_the_message_is_tried_again() {
    let (world, server) = with(Mood::HangsUpEarly).await;
    let meeting = meeting(&world, 1).await;
    work(&world).await;
    assert_eq!(states(&world, meeting).await.0, [LetterState::Queued]);
    server.is(Mood::Takes);
    world.site.ctx.clock.set(world.site.ctx.now() + TimeDelta::minutes(1));
    work(&world).await;
    assert_eq!(states(&world, meeting).await.0, [LetterState::Sent]);
}

#[tokio::test]
async fn who_is_asked_to_stop_begins_no_letter() {
    let (world, server) = with(Mood::Takes).await;
    let meeting = meeting(&world, 3).await;
    world.site.stop.cancel();
    work(&world).await;
    assert!(server.got().is_empty());
    assert!(states(&world, meeting).await.0.is_empty());
}

#[tokio::test]
async fn where_no_server_answers_letters_wait() {
    let world = product_with(&[
        // Nothing listens there.
        ("mail_server", "127.0.0.1:1"),
        ("mail_security", "none"),
        ("mail_from", "gw@consult.example"),
    ])
    .await;
    let meeting = meeting(&world, 1).await;
    work(&world).await;
    let (seen, words) = states(&world, meeting).await;
    assert_eq!(seen, [LetterState::Queued]);
    assert!(words.contains("连不上"), "{words}");
}

#[tokio::test]
async fn without_a_mail_server_the_outbox_keeps_them() {
    let world = product_with(&[]).await;
    let meeting = meeting(&world, 2).await;
    work(&world).await;
    assert_eq!(states(&world, meeting).await.0, [LetterState::None; 2]);
    assert!(app::jobs::failing(&world.site.ctx.db).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_line_without_tls_is_not_used_where_tls_is_asked_for() {
    let server = Server::start(Mood::Takes).await;
    let address = format!("127.0.0.1:{}", server.port);
    let world = product_with(&[("mail_server", &address), ("mail_from", "gw@consult.example")]).await;
    let meeting = meeting(&world, 1).await;
    work(&world).await;
    let (seen, words) = states(&world, meeting).await;
    assert_eq!(seen, [LetterState::Queued]);
    assert!(words.contains("加密"), "{words}");
    assert!(server.got().is_empty());
}

#[tokio::test]
async fn the_private_feed_needs_its_whole_address() {
    let world = product_with(&[]).await;
    for path in [
        "/calendar/mine/x/y.ics",
        "/calendar/mine/00000000-0000-0000-0000-000000000000/y.ics",
        "/calendar/mine/00000000-0000-0000-0000-000000000000/y",
    ] {
        let answer = world.browser().get(path).await;
        answer.is(404);
        assert!(!answer.text().contains("y.ics"), "{}", answer.text());
    }
}
