//! The room: thousands who look at one meeting, and all who vote in it, over plain sockets.
//!
//! A viewer behaves as `style/watch.js`: it is told of a change, waits a moment of its own, and asks for its page. The
//! bare room answers the same requests with the same bytes and does nothing for them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use app::access::StepKind;
use app::context::{Clock, Random};
use app::meeting::poll::model::Asked;
use app::rules::Segment;
use app::ui::REQUEST_ID_FIELD;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use axum::serve::ListenerExt;
use futures::stream;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, sleep_until};

/// As `style/watch.js`: over how long viewers spread, and how seldom one looks in a burst.
const SPREAD: Duration = Duration::from_millis(100);
const GAP: Duration = Duration::from_millis(500);
/// Between two actions at the console.
const PACE: Duration = Duration::from_secs(1);
/// When nobody looked for so long, the last one has.
const PATIENCE: Duration = Duration::from_secs(3);
/// Viewers that open their page at once, before anything is measured; and connections that votes come over.
const AT_ONCE: usize = 64;
/// Bytes of an answer's head or of a piece that are kept back at most.
const BUFFER: usize = 4096;

/// Which meeting, and where.
#[derive(Debug, clap::Args)]
pub struct Room {
    /// The server.
    #[arg(long)]
    server: SocketAddr,
    /// The case.
    #[arg(long)]
    case: String,
    /// The sitting, which is on.
    #[arg(long)]
    sitting: String,
    /// The cookie of the officer.
    #[arg(long)]
    cookie: String,
    /// A file with the pages of the viewers or the links of the voters, one a line.
    #[arg(long)]
    pages: std::path::PathBuf,
}

/// How it is watched.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Amount {
    /// The newest change that the pages show.
    #[arg(long)]
    seen: i64,
    /// Actions at the console, one a second.
    #[arg(long)]
    actions: u32,
    /// The server's process, whose memory is read.
    #[arg(long)]
    pid: u32,
}

/// What came back.
struct Answer {
    status: u16,
    location: String,
    body: Vec<u8>,
}

/// A connection that is kept, as a browser keeps it.
struct Line {
    server: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Line {
    const fn new(server: SocketAddr) -> Self {
        Self { server, stream: None }
    }

    /// One request and its whole answer. A line that the server closed in the meantime is opened anew.
    async fn ask(&mut self, request: &str) -> io::Result<Answer> {
        if let Some(mut kept) = self.stream.take()
            && let Ok(answer) = exchange(&mut kept, request).await
        {
            self.stream = Some(kept);
            return Ok(answer);
        }
        let mut fresh = connect(self.server).await?;
        let answer = exchange(&mut fresh, request).await?;
        self.stream = Some(fresh);
        Ok(answer)
    }
}

async fn connect(server: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::with_capacity(BUFFER, stream))
}

async fn exchange(line: &mut BufReader<TcpStream>, request: &str) -> io::Result<Answer> {
    line.get_mut().write_all(request.as_bytes()).await?;
    let head = Head::read(line).await?;
    let mut body = Vec::new();
    if head.pieces {
        loop {
            let length = usize::from_str_radix(text_line(line).await?.trim(), 16).map_err(io::Error::other)?;
            let from = body.len();
            body.resize(from + length, 0);
            line.read_exact(&mut body[from..]).await?;
            text_line(line).await?;
            if length == 0 {
                break;
            }
        }
    } else {
        body.resize(head.length, 0);
        line.read_exact(&mut body).await?;
    }
    Ok(Answer { status: head.status, location: head.location, body })
}

/// A line of a head; an end instead of it is a failure.
async fn text_line(line: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut text = String::new();
    if line.read_line(&mut text).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text)
}

/// The head of an answer.
#[derive(Default)]
struct Head {
    status: u16,
    length: usize,
    pieces: bool,
    location: String,
}

impl Head {
    async fn read(line: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let first = text_line(line).await?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut head = Self { status: status.unwrap_or_default(), ..Self::default() };
        loop {
            let text = text_line(line).await?;
            let Some((name, value)) = text.trim_end().split_once(": ") else { return Ok(head) };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.parse().map_err(io::Error::other)?,
                "transfer-encoding" => head.pieces = value == "chunked",
                "location" => value.clone_into(&mut head.location),
                _ => {}
            }
        }
    }
}

/// What browsers take.
const PACKED: &str = "Accept-Encoding: gzip, deflate, br\r\n";

fn get_of(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{more}\r\n")
}

fn post_of(path: &str, more: &str, fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let body = pairs.join("&");
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{more}\r\n{body}",
        body.len()
    )
}

/// A value of a form as it is sent.
fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b == b'-' { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The officer at the console.
struct Console<'a> {
    room: &'a Room,
    line: Line,
    random: Random,
}

impl<'a> Console<'a> {
    fn new(room: &'a Room) -> Self {
        Self { room, line: Line::new(room.server), random: Random::from_system() }
    }

    /// Sends a form of the console, as a press on its button does, and shows the console again. Gives the number of the
    /// change, which is the newest then: nobody else changes anything.
    async fn press(&mut self, step: StepKind, fields: &[(&str, &str)]) -> Result<i64, Box<dyn Error>> {
        let request = self.random.uuid(Clock::System.now()).to_string();
        let mut all = vec![
            (REQUEST_ID_FIELD, request.as_str()),
            ("action", step.code()),
            ("sitting", self.room.sitting.as_str()),
        ];
        all.extend_from_slice(fields);
        let cookie = format!("Cookie: {}\r\n", self.room.cookie);
        let path = format!("/desk/topics/{}/console", self.room.case);
        let answer = self.line.ask(&post_of(&path, &cookie, &all)).await?;
        if answer.status != 303 {
            return Err(format!("{} answered {}", step.code(), answer.status).into());
        }
        let shown = self.line.ask(&get_of(&answer.location, &cookie)).await?;
        if shown.status != 200 {
            return Err(format!("the console answered {}", shown.status).into());
        }
        let page = String::from_utf8_lossy(&shown.body);
        Ok(after(&page, "data-seen=\"").ok_or("the console does not follow its case")?.parse()?)
    }
}

/// Which change a viewer's page showed at least, and since when.
type Shown = Vec<(i64, Instant)>;

/// Somebody with a page open.
struct Viewer {
    page: String,
    line: Line,
    stream: BufReader<TcpStream>,
    random: Random,
}

impl Viewer {
    /// Opens the page and then its stream.
    async fn open(room: &Room, page: String, seen: i64) -> io::Result<Self> {
        let request = get_of(&page, PACKED);
        let mut line = Line::new(room.server);
        expect(line.ask(&request).await?.status, &page)?;
        let mut stream = connect(room.server).await?;
        let path = format!("/live/case/{}?seen={seen}", room.case);
        stream.get_mut().write_all(get_of(&path, "Accept: text/event-stream\r\n").as_bytes()).await?;
        expect(Head::read(&mut stream).await?.status, &path)?;
        Ok(Self { page: request, line, stream, random: Random::from_system() })
    }

    /// Follows the meeting until it is told to stop.
    async fn follow(
        mut self,
        seen: i64,
        showing: Arc<AtomicI64>,
        mut stop: watch::Receiver<bool>,
    ) -> io::Result<Shown> {
        let (mut told, mut shown, mut text) = (seen, Vec::new(), String::new());
        let (mut due, mut free) = (None, Instant::now());
        loop {
            tokio::select! {
                bytes = self.stream.fill_buf() => {
                    let bytes = bytes?;
                    let length = bytes.len();
                    if length == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    text.push_str(&String::from_utf8_lossy(bytes));
                    self.stream.consume(length);
                    if let Some(newest) = newest(&mut text)? && newest > told {
                        told = newest;
                        due.get_or_insert_with(|| free.max(Instant::now() + self.moment()));
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    due = None;
                    let (upto, began) = (told, Instant::now());
                    expect(self.line.ask(&self.page).await?.status, &self.page)?;
                    let now = Instant::now();
                    shown.push((upto, now));
                    showing.fetch_add(1, Ordering::Relaxed);
                    free = now + GAP.max(now - began);
                }
                _ = stop.changed() => return Ok(shown),
            }
        }
    }

    /// How long this viewer waits.
    fn moment(&self) -> Duration {
        SPREAD * u32::from(u16::from_le_bytes(self.random.bytes())) / u32::from(u16::MAX)
    }
}

/// The newest change among the whole events of what came; the rest is left for later.
fn newest(text: &mut String) -> io::Result<Option<i64>> {
    let Some(end) = text.rfind("\n\n") else { return Ok(None) };
    let events: String = text.drain(..end + 2).collect();
    if events.contains("event: resync") {
        return Err(io::Error::other("a viewer lagged behind the events"));
    }
    let numbers = events.split("{\"seq\":").skip(1).filter_map(|rest| rest.split_once('}'));
    Ok(numbers.filter_map(|(number, _)| number.parse().ok()).max())
}

fn expect(status: u16, what: &str) -> io::Result<()> {
    if status == 200 { Ok(()) } else { Err(io::Error::other(format!("{what} answered {status}"))) }
}

/// Resident memory of a process, in kB.
fn memory_kb(pid: u32) -> Result<i64, Box<dyn Error>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Those who look, some of them at once.
async fn open_all(room: &Arc<Room>, pages: &[String], seen: i64) -> Result<Vec<Viewer>, Box<dyn Error>> {
    let (places, mut opening) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for page in pages {
        let (room, page, places) = (Arc::clone(room), page.clone(), Arc::clone(&places));
        opening.spawn(async move {
            let _place = places.acquire().await.map_err(io::Error::other)?;
            Viewer::open(&room, page, seen).await
        });
    }
    let mut viewers = Vec::with_capacity(pages.len());
    while let Some(opened) = opening.join_next().await {
        viewers.push(opened??);
    }
    Ok(viewers)
}

fn lines_of(file: &std::path::Path) -> io::Result<Vec<String>> {
    Ok(std::fs::read_to_string(file)?.lines().map(str::to_owned).collect())
}

/// Watches the meeting while the officer goes through its agenda, and prints as JSON how long it took until each viewer
/// had the page that shows it (ms), until the last one had it, and the server's memory for each viewer (kB).
///
/// # Errors
/// When a page or the form is refused, or a viewer never gets the page.
pub async fn follow(room: Room, amount: Amount) -> Result<(), Box<dyn Error>> {
    let (pages, room) = (lines_of(&room.pages)?, Arc::new(room));
    // Whoever looked before left the server with what it keeps anyway, but not with room for all of them at once.
    for some in pages.chunks(AT_ONCE) {
        drop(open_all(&room, some, amount.seen).await?);
    }
    sleep(PACE).await;
    let before = memory_kb(amount.pid)?;
    let viewers = open_all(&room, &pages, amount.seen).await?;
    let after = memory_kb(amount.pid)?;

    let ((stop, stopped), showing) = (watch::channel(false), Arc::new(AtomicI64::new(0)));
    let mut following = JoinSet::new();
    for viewer in viewers {
        following.spawn(viewer.follow(amount.seen, Arc::clone(&showing), stopped.clone()));
    }
    let (mut console, mut pace, mut sent) = (Console::new(&room), interval(PACE), Vec::new());
    for segment in Segment::ALL.iter().rev().cycle().take(usize::try_from(amount.actions)?) {
        pace.tick().await;
        let at = Instant::now();
        sent.push((at, console.press(StepKind::NextSegment, &[("segment", segment.code())]).await?));
    }
    // Everybody has the last change when nobody looked for a while.
    let mut looked = -1;
    while looked != showing.load(Ordering::Relaxed) {
        looked = showing.load(Ordering::Relaxed);
        sleep(PATIENCE).await;
    }
    stop.send(true)?;
    let all = following.join_all().await.into_iter().collect::<io::Result<Vec<Shown>>>()?;
    let (each, last) = times(&sent, &all)?;
    let viewers = i64::try_from(all.len())?;
    let found = json!({
        "viewers": viewers, "actions": sent.len(), "each": spread(each), "last": spread(last),
        "kb": (after - before) / viewers.max(1), "looked": looked,
    });
    crate::say(&found.to_string());
    Ok(())
}

/// How long it took from each action to each viewer, and to the last one of each action, in ms.
fn times(sent: &[(Instant, i64)], all: &[Shown]) -> Result<(Vec<f64>, Vec<f64>), Box<dyn Error>> {
    let (mut each, mut last) = (Vec::new(), Vec::new());
    for (at, change) in sent {
        let mut longest = 0.0_f64;
        for shown in all {
            let (_, when) = shown.iter().find(|(upto, _)| upto >= change).ok_or("a viewer was never shown a change")?;
            let ms = (*when - *at).as_secs_f64() * 1000.0;
            longest = longest.max(ms);
            each.push(ms);
        }
        last.push(longest);
    }
    Ok((each, last))
}

/// Median, percentiles and the longest.
fn spread(mut ms: Vec<f64>) -> Value {
    ms.sort_by(f64::total_cmp);
    let at = |percent: usize| ms.get((ms.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    json!({ "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100) })
}

/// Opens a poll at the console and has everybody vote over [`AT_ONCE`] connections, then sends every vote once more.
/// Prints as JSON the poll, the times, and the answers by status.
///
/// # Errors
/// When the poll cannot be opened, or the server goes away.
pub async fn vote(room: Room) -> Result<(), Box<dyn Error>> {
    let links = lines_of(&room.pages)?;
    let options = Asked::agreement();
    let written = options.join("\n");
    let asked = [("question", "高峰时段改单行，同意吗？"), ("options", written.as_str())];
    Console::new(&room).press(StepKind::OpenPoll, &asked).await?;
    let first = links.first().ok_or("nobody votes")?;
    let page = Line::new(room.server).ask(&get_of(first, "")).await?;
    let page = String::from_utf8_lossy(&page.body);
    let poll = after(&page, "name=\"poll\" value=\"").ok_or("the page of a voter shows no poll")?;
    let votes: Vec<String> = (0..)
        .zip(&links)
        .map(|(n, link)| {
            let choice = (n % options.len() + 1).to_string();
            let fields = [
                ("action", StepKind::CastVote.code()),
                ("sitting", &room.sitting),
                ("poll", poll),
                ("choice", &choice),
            ];
            // From many addresses, so that no limit is met.
            post_of(link, &format!("X-Forwarded-For: 10.{}.{}.1\r\n", n / 250 % 250, n % 250), &fields)
        })
        .collect();
    let votes = Arc::new(votes);
    let (once, more) = (send(room.server, &votes).await?, send(room.server, &votes).await?);
    crate::say(&json!({ "poll": poll, "voters": votes.len(), "once": once, "more": more }).to_string());
    Ok(())
}

/// Sends each request once.
async fn send(server: SocketAddr, requests: &Arc<Vec<String>>) -> Result<Value, Box<dyn Error>> {
    let (next, mut sending) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    let began = Instant::now();
    for _ in 0..AT_ONCE {
        let (requests, next) = (Arc::clone(requests), Arc::clone(&next));
        sending.spawn(async move {
            let (mut line, mut answers) = (Line::new(server), Vec::new());
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let began = Instant::now();
                let status = line.ask(request).await?.status;
                answers.push((status, began.elapsed().as_secs_f64() * 1000.0));
            }
            Ok(answers)
        });
    }
    let answers = sending.join_all().await.into_iter().collect::<io::Result<Vec<_>>>()?.concat();
    let seconds = began.elapsed().as_secs_f64();
    let mut by_status = BTreeMap::<u16, usize>::new();
    for (status, _) in &answers {
        *by_status.entry(*status).or_default() += 1;
    }
    let ms = answers.into_iter().map(|(_, ms)| ms).collect();
    Ok(json!({ "seconds": seconds, "answers": by_status, "ms": spread(ms) }))
}

/// What stands between a mark and the next quotation mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark)?.1.split('"').next()
}

/// The bytes of a bare room.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Of the notice.
    pub notice: Bytes,
    /// Of the projector's page.
    pub screen: Bytes,
    /// Of an invitee's own page.
    pub own: Bytes,
}

/// A bare room.
#[derive(Clone)]
struct Bare {
    pages: Pages,
    newest: Arc<AtomicI64>,
    changes: broadcast::Sender<i64>,
}

/// Answers what [`follow`] asks with the same bytes, and tells of a change for each form, until it is killed.
///
/// # Errors
/// When the address is taken.
pub async fn bare(listen: SocketAddr, pages: Pages, seen: i64) -> Result<(), Box<dyn Error>> {
    let bare = Bare { pages, newest: Arc::new(AtomicI64::new(seen)), changes: broadcast::channel(1024).0 };
    let router = Router::new()
        .route("/live/case/{id}", get(told))
        .route("/desk/topics/{id}/console", get(console).post(pressed))
        .fallback(page)
        .with_state(bare);
    let listener = TcpListener::bind(listen).await?.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn page(State(bare): State<Bare>, uri: Uri) -> impl IntoResponse {
    let body = match uri.path() {
        path if path.starts_with("/i/") => bare.pages.own,
        path if path.ends_with("/screen") => bare.pages.screen,
        _ => bare.pages.notice,
    };
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], body)
}

async fn console(State(bare): State<Bare>) -> String {
    format!("data-seen=\"{}\"", bare.newest.load(Ordering::SeqCst))
}

async fn pressed(State(bare): State<Bare>, uri: Uri) -> impl IntoResponse {
    let change = bare.newest.fetch_add(1, Ordering::SeqCst) + 1;
    // That nobody listens is no failure.
    drop(bare.changes.send(change));
    (StatusCode::SEE_OTHER, [(LOCATION, uri.path().to_owned())])
}

async fn told(State(bare): State<Bare>) -> impl IntoResponse {
    Sse::new(stream::unfold(bare.changes.subscribe(), |mut changes| async move {
        let change = changes.recv().await.ok()?;
        let event = Event::default().event("change").id(change.to_string()).data(format!("{{\"seq\":{change}}}"));
        Some((Ok::<_, Infallible>(event), changes))
    }))
}
